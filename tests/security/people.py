"""Those who call a running service."""

import uuid
from functools import partial

import httpx2

ADMIN_TOKEN = "the-operator's-token-of-these-tests"
PASSWORD = "correct horse battery"
# The certificates of the world, which nobody shows here, would be read for every request.
get = partial(httpx2.get, verify=False, timeout=60.0)
post = partial(httpx2.post, verify=False, timeout=60.0)


def sign_up(url: str) -> str:
    """Register somebody new at the service of this URL, log in, and return the token."""
    email = f"{uuid.uuid4().hex}@example.org"
    new = {"name": "Ann", "email": email, "password": PASSWORD}
    post(f"{url}/auth/register", json=new).raise_for_status()
    attempt = {"email": email, "password": PASSWORD}
    answer = post(f"{url}/auth/login", json=attempt).raise_for_status()
    return str(answer.json()["access_token"])
