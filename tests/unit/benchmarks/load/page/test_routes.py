"""The page and its routes, in Locust's web UI."""

import re
from collections.abc import Callable
from functools import wraps

import pytest
from flask import Response

from tests.unit.benchmarks.load.page.conftest import RUNS_S, AdminService, PagedLocust

ROUTES = ("", "/page.css", "/page.js", "/data", "/flag", "/metrics", "/summary.csv")


def test_the_page_is_below_the_base_path_with_its_policy_and_only_the_start_page_leads_to_it(
    locust: PagedLocust,
) -> None:
    answer = locust.get()
    html, script = answer.get_data(as_text=True), locust.text("/page.js")
    start, report = (locust.client.get(f"/load/{path}").text for path in ("", "stats/report"))

    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'src="fivefold/page.js"' in html
    assert "`fivefold/data?since=" in script
    assert '"/fivefold' not in html + script
    # What the policy would not let run.
    assert not re.search(r"\s(on\w+|style)=", html)
    assert [text.count('href="./fivefold"') for text in (start, report)] == [1, 0]
    assert locust.client.get("/fivefold").status_code == 404


def test_the_figures_are_there_for_prometheus_too(locust: PagedLocust) -> None:
    answer = locust.get("/metrics")

    assert answer.mimetype == "text/plain"
    assert "fivefold_load_users 0.0" in answer.text


def test_the_data_say_what_was_recorded_and_a_reset_and_a_start_make_the_page_begin_anew(
    locust: PagedLocust,
) -> None:
    answer = locust.data(since="5")

    assert [row["second"] for row in answer["seconds"]] == [5, 6]
    assert answer["variants"] == ["uncached", "cached"]
    assert answer["speedup"]["pairs"] == 7
    assert (answer["state"], answer["users"], answer["workers"]) == ("running", 0, None)
    assert answer["workload"].startswith("ReadMostly: 95 % reads")
    for wrong in ("", "soon", "1.5"):
        assert locust.data(since=wrong)["seconds"][0]["second"] == 0
    assert answer["generation"] == 0
    for generation, event in enumerate(("reset_stats", "test_start"), start=1):
        locust.fire(event)
        assert locust.data()["generation"] == generation


def test_a_flip_is_marked_and_one_that_the_service_refuses_is_not(
    locust: PagedLocust, admin: AdminService
) -> None:
    read = locust.get("/flag").get_json()
    admin.status = 401
    refused = locust.flip().get_json()
    unmarked = locust.data()["flips"]
    admin.status, admin.body = 200, {"state": "off", "epoch": 4}
    answer = locust.flip().get_json()

    assert read == {"usable": True, "message": "", "enabled": True, "state": "on", "epoch": 3}
    assert ("refused the token" in refused["message"], unmarked) == (True, [])
    assert answer == {"usable": True, "message": "", "enabled": False, "state": "off", "epoch": 4}
    assert admin.asked == [
        ("GET", "/admin/cache", "secret", None),
        *[("PUT", "/admin/cache", "secret", {"enabled": False})] * 2,
    ]
    assert locust.data()["flips"] == [{"second": RUNS_S, "enabled": False, "done": RUNS_S}]
    assert locust.data()["speedup"]["pairs"] == 0


@pytest.mark.parametrize("body", [{"other": 1}, {"enabled": "false"}, {"enabled": 0}, [1]])
def test_a_flip_needs_true_or_false(locust: PagedLocust, admin: AdminService, body: object) -> None:
    assert locust.flip(body).status_code == 400
    assert admin.asked == []


def test_the_token_is_in_nothing_that_is_sent_and_without_one_the_switch_says_what_to_set(
    locust: PagedLocust, admin: AdminService
) -> None:
    without = PagedLocust(admin.url).get("/flag").get_json()

    assert not any("secret" in locust.text(each) for each in ROUTES)
    assert "FIVEFOLD_ADMIN_TOKEN" in without["message"]


def test_a_person_who_may_not_see_locust_may_not_see_the_page(
    admin: AdminService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: object, view: Callable[[], Response]) -> Callable[[], Response]:
        return wraps(view)(lambda *_, **__: Response(status=418))

    monkeypatch.setattr("locust.web.WebUI.auth_required_if_enabled", refuse)
    locust = PagedLocust(admin.url)

    assert {locust.get(each).status_code for each in ROUTES} == {418}
    assert locust.flip().status_code == 418


def test_what_is_ticked_runs_and_what_runs_is_ticked(locust: PagedLocust) -> None:
    # Locust changes nothing while a load runs.
    locust.runner.state = "stopped"
    for form, runs in (
        ([], ["ReadMostly"]),
        (["HotKey"], ["HotKey"]),
        ([], ["HotKey"]),
        (["ReadMostly", "HotKey"], ["ReadMostly", "HotKey"]),
    ):
        assert locust.picked(*form) == (runs, runs)


def test_colors_are_those_of_the_reports_and_no_two_lines_look_the_same_without_them(
    locust: PagedLocust,
) -> None:
    style, script = locust.text("/page.css"), locust.text("/page.js")
    used = set(re.findall(r"var\(--(\w+)\)", style + script))
    used |= set(re.findall(r"tone: \"(\w+)\"", script))
    dashes = re.findall(r"dash: \"([\d ]*)\"", script)

    assert used <= set(re.findall(r"--(\w+):#", style))
    assert len(dashes) == len(set(dashes)) >= 6
