"""What visitors of a shop do: a plain scenario, which needs no import."""

USERS = 10


def sign_in(site, number):
    """Return the headers that all requests of this user have at this service."""
    if site.send("GET", "/items").status != 200:
        raise RuntimeError(f"{site.name} is closed")
    return {"X-Visitor": f"visitor-{number}"}


def requests(user):
    """Yield what one user asks for, in order, after a short look at each page."""
    yield "/items"
    yield "GET", f"/items/{user['number']}"
    yield {"path": "/items", "name": "back to the list", "wait": (0.0, 0.002)}
