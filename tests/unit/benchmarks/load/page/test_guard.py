"""The page asked as other web pages can ask it: the load and the token stay where they are."""

import re

import pytest

from tests.unit.benchmarks.load.page.conftest import AdminService, PagedLocust

ELSEWHERE = "http://elsewhere.example"
NAMES = ("localhost", "10.1.2.3", "[::1]", "load.example", "OTHER.example")


def every_route(locust: PagedLocust) -> list[tuple[str, str]]:
    """Return the methods and paths that are served, ours and Locust's."""
    rules = locust.ui.app.url_map.iter_rules()
    routes = [
        (method, re.sub("<.*>", "nothing", rule.rule)) for rule in rules for method in rule.methods
    ]
    assert len(routes) > 50
    return [*routes, ("GET", "/nothing")]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", ELSEWHERE),
        ("localhost", "null"),
        ("localhost", "http://localhost:1"),
        ("elsewhere.example", None),
        ("elsewhere.example", ELSEWHERE),
        ("[", "http://["),
    ],
)
def test_a_page_of_another_origin_or_a_name_that_is_not_ours_is_refused_on_every_route(
    locust: PagedLocust, host: str, origin: str | None
) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})

    for method, path in every_route(locust):
        assert locust.client.open(path, method=method, headers=headers).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_addresses_localhost_and_the_names_that_were_given_are_ours(
    locust: PagedLocust, name: str
) -> None:
    host = f"{name}:8089"
    headers = {"Host": host, "Origin": f"http://{host.lower()}"}

    assert locust.client.get("/load/fivefold/data", headers=headers).status_code == 200


def test_no_other_page_may_read_or_frame_what_is_answered_and_no_browser_needs_no_origin(
    locust: PagedLocust,
) -> None:
    for method, path in every_route(locust):
        if method != "POST":
            headers = locust.client.open(path, method=method).headers
            assert not [name for name in dict(headers) if name.startswith("Access-Control-")]
            assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert locust.client.post("/load/stop").status_code == 200


@pytest.mark.parametrize("field", ["cached", "uncached", "host", "admin_token", "samples_dir"])
def test_a_form_cannot_change_where_the_load_and_the_token_go(
    locust: PagedLocust, admin: AdminService, field: str
) -> None:
    options = vars(locust.environment.parsed_options)
    before = {**options}
    said = locust.swarm(**{field: "http://127.0.0.1:9"}).get_json()
    locust.get("/flag")

    assert (said["success"], field in said["message"]) == (False, True)
    assert (options, locust.environment.host) == (before, None)
    assert admin.asked == [("GET", "/admin/cache", "secret", None)]
    # Locust's own form sends the host as it is.
    assert locust.swarm(host="").get_json()["success"]
