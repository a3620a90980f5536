"""Services that are not ours, compared from their addresses to the report."""

import gzip
import io
import json
import re
from functools import partial
from typing import Any

import pytest
from rich.console import Console

from benchmarks.cli.rendering import render
from benchmarks.comparison.targets.options import TargetOptions
from benchmarks.comparison.targets.run import compare_targets
from benchmarks.diff.run import diff
from benchmarks.predict.advise.page import advise
from benchmarks.predict.advise.question import Question
from benchmarks.report.write import report_files
from benchmarks.runner.profiles import PROFILES
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.comparison.targets.services import (
    BLOCKS,
    Answer,
    Shop,
    compared,
    running,
)
from tests.unit.benchmarks.comparison.targets.test_options import FRONT_PAGE
from tests.unit.benchmarks.fake_dependencies import Fakes, failed_names
from tests.unit.benchmarks.measure.test_address import CERTIFICATE

LONG: dict[str, Any] = {"blocks": None, "seconds": 5}
"""How long there are hits and misses enough."""
ITEMS = {"/items": [{"id": 1}, {"id": 2}], "/items/7?full=1": {"id": 7}}


def test_two_services_are_compared_judged_and_reported_and_rendered_again_byte_for_byte(
    fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = ["b/a total >= 2", "b/a mean = 3", "b/a total >= 4"]
    run = compared(fakes, Shop(fakes, 30), Shop(fakes, 10), scenarios=[FRONT_PAGE], claims=claims)

    results, latest = run.results, run.options.out / "latest"
    [summary] = results.summaries
    assert run.code == 1
    assert "Does not hold: U3" in run.output
    assert summary.ratios[0].ratio == pytest.approx(3)
    verdicts = [verdict.verdict for verdict in results.verdicts]
    assert verdicts == ["reproduced", "reproduced", "not reproduced"]
    # What one read from a cold cache can bring at most says nothing of services of others.
    assert {each.remark for each in results.verdicts} == {""}
    assert not failed_names(results)
    assert "front-page" in (latest / "report.html").read_text()
    # Of a cache nothing is known, so nothing is said.
    assert not re.search(r"hit ratio|(unknown|database) \|", (latest / "report.md").read_text())
    # Figures take longer than all else together; they are drawn again in the tests of a whole run.
    undrawn = partial(report_files, draw=lambda _: [])
    monkeypatch.setattr("benchmarks.cli.rendering.report_files", undrawn)
    before = {path.name: path.read_bytes() for path in latest.iterdir() if path.is_file()}
    render(latest)
    assert {path.name: path.read_bytes() for path in latest.iterdir() if path.is_file()} == before


def test_full_measures_more_than_quick(fakes: Fakes) -> None:
    requests = {}
    for profile in PROFILES:
        shops = Shop(fakes), Shop(fakes)
        run = compared(fakes, *shops, profile=profile, blocks=None)
        assert run.code == 0
        requests[profile] = len(shops[0].asked)

    assert requests["full"] > 2 * requests["quick"]


def test_seconds_say_how_long_is_measured_and_blocks_how_often(fakes: Fakes) -> None:
    short, long = Shop(fakes, 50), Shop(fakes, 50)
    compared(fakes, short, Shop(fakes, 50), blocks=None, seconds=4)
    compared(fakes, long, Shop(fakes, 50), blocks=None, seconds=16)
    assert 2 < len(long.asked) / len(short.asked) < 5

    run = compared(fakes, Shop(fakes), Shop(fakes), blocks=BLOCKS + 2)
    assert {each.observation for each in run.results.blocks} == set(range(BLOCKS + 2))


def test_a_slow_service_is_measured_in_the_time_of_the_profile(fakes: Fakes) -> None:
    slow = Shop(fakes, 800)

    run = compared(fakes, Shop(fakes, 8), slow, blocks=None)

    assert run.code == 0
    # A block of the A/A part takes its time as well, and is not cut in two.
    assert len(slow.asked) * 0.8 < 2 * PROFILES["quick"].target_seconds


def test_created_is_an_answer_and_what_changes_is_compared_request_by_request(
    fakes: Fakes,
) -> None:
    run = compared(fakes, Shop(fakes), Shop(fakes), request=["POST /orders", "GET /orders"])

    assert run.code == 0
    assert "are 200 or 201" in run.check("errors").detail
    assert run.check("bodies").result == "passed"
    assert run.results.differences == ()


def test_a_service_that_loses_an_order_is_found(fakes: Fakes) -> None:
    forgetful = Shop(fakes)
    forgetful.orders = -1

    run = compared(fakes, Shop(fakes), forgetful, request=["POST /orders", "GET /orders"])

    assert run.code == 3
    assert failed_names(run.results) == {"bodies"}
    places = [(each.action, each.place) for each in run.results.differences]
    assert places == [("POST /orders", "$.order"), ("GET /orders", "$.orders")]


def test_errors_are_counted_and_no_folder_of_logs_that_are_not_there_is_named(
    fakes: Fakes,
) -> None:
    sick = Shop(fakes)

    def page() -> Any:
        return 500 if len(sick.asked) % 40 == 39 else 200, b"hello", {}

    sick.pages = {"/": page}

    run = compared(fakes, Shop(fakes), sick)

    assert run.code == 3
    assert "500 to GET / from b" in run.check("errors").detail
    assert "logs folder" not in run.check("errors").advice


def test_the_reference_is_the_first_or_the_named_one_and_is_said(fakes: Fakes) -> None:
    run = compared(fakes, Shop(fakes, 10), Shop(fakes, 30), Shop(fakes, 20), reference="b")

    ratios = {each.variant: each.ratio for each in run.results.summaries[0].ratios}
    assert ratios == {"a": pytest.approx(3), "c": pytest.approx(1.5)}
    assert "a, c against b" in run.output


def test_services_that_answer_differently_decide_nothing_and_show_where(fakes: Fakes) -> None:
    left = {"/": {"items": [{"price": 1}, {"price": 2}], "b": 0}}
    right = {"/": {"items": [{"price": 1}, {"price": 3}], "b": 0}}

    run = compared(fakes, Shop(fakes, 3, left), Shop(fakes, 1, right))

    assert run.code == 3
    assert failed_names(run.results) == {"bodies"}
    [difference] = run.results.differences
    assert (difference.action, difference.place) == ("GET /", "$.items[1].price")
    assert [each.said for each in difference.answers] == ["2", "3"]
    kept = [json.loads((run.folder / each.file).read_text()) for each in difference.answers]
    assert kept == [left["/"], right["/"]]
    # A service is called what the user called it, also where a sentence begins.
    printed = " ".join(run.output.split())
    assert "The answers of a and b to GET / differ, first at $.items[1].price (2 and 3)" in printed
    assert "a whole session: 1 request of one user." in printed


def test_no_bodies_keeps_nothing_of_them(fakes: Fakes) -> None:
    left, right = {"/": {"card": "private-1"}}, {"/": {"card": "private-2"}}

    run = compared(fakes, Shop(fakes, 1, left), Shop(fakes, 1, right), no_bodies=True)

    assert run.code == 3
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if b"private" in path.read_bytes()]
    assert run.results.differences[0].place == "$.card"


def packed() -> Answer:
    return 200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}


BEFORE = {"id": 1, "at": {"updated_at": 5}, "name": "x"}
AFTER = {"name": "x", "id": 2, "at": {"updated_at": 6}}


@pytest.mark.parametrize(
    ("left", "right", "asked"),
    [
        (ITEMS, ITEMS, {"get": list(ITEMS)}),
        ({"/": BEFORE}, {"/": AFTER}, {"ignore": ["$.id", "$..updated_at"]}),
        ({"/": packed}, {"/": b'{"a":1}'}, {}),
    ],
    ids=["different requests", "key order and what may differ", "spaces and a packed body"],
)
def test_answers_that_mean_the_same_are_no_difference(
    fakes: Fakes, left: dict[str, Any], right: dict[str, Any], asked: dict[str, Any]
) -> None:
    run = compared(fakes, Shop(fakes, 3, left), Shop(fakes, 1, right), **asked)

    assert run.code == 0
    assert run.check("bodies").result == "passed"


def test_ignored_bodies_are_said_with_the_verdict(fakes: Fakes) -> None:
    shops = Shop(fakes, 3, {"/": b"one"}), Shop(fakes, 1, {"/": b"two"})

    run = compared(fakes, *shops, ignore_bodies=True)

    assert run.code == 0
    assert run.check("bodies").result == "cannot tell"
    assert "Bodies were not compared (--ignore-bodies)." in " ".join(run.output.split())


def test_a_service_that_answers_differently_each_time_is_accused_by_itself(fakes: Fakes) -> None:
    shop = Shop(fakes)
    shop.pages = {"/": lambda: (200, {"now": len(shop.asked)}, {})}

    run = compared(fakes, Shop(fakes, 1, {"/": {"now": 0}}), shop)

    assert run.code == 3
    assert "$.now" in run.output


def test_redirects_are_compared_without_the_address_and_followed_if_asked(fakes: Fakes) -> None:
    def shop(name: str) -> Shop:
        pages: dict[str, Any] = {"/": lambda: (302, b"", {"Location": f"/{name}"})}
        return Shop(fakes, 1, pages | {f"/{name}": b"home"})

    run = compared(fakes, shop("x"), shop("y"))
    assert run.code == 3
    assert run.results.differences[0].place == "Location"
    assert compared(fakes, shop("x"), shop("y"), follow=True).code == 0


def test_a_redirect_to_the_service_itself_is_the_same_whatever_its_address(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    shops = [Shop(fakes, 1, {"/": b"home"}), Shop(fakes, 1, {"/": b"home"})]
    with running(*shops) as targets:
        for shop, target in zip(shops, targets, strict=True):
            address = target.partition("=")[2]
            location = {"Location": f"{address}/next"}
            shop.pages = {"/": lambda location=location: (307, b"", location), "/next": b"next"}
        asked: dict[str, Any] = {"out": fakes.folder / "reports", "blocks": BLOCKS, "get": ["/"]}
        for follow in (False, True):
            options = TargetOptions(targets, **asked, follow=follow)
            assert compare_targets(options, dependencies=fakes.dependencies()) == 0

        shops[0].pages["/next"] = lambda: (302, b"", {"Location": "http://192.0.2.1/"})
        elsewhere = TargetOptions(targets, **asked, follow=True)
        assert compare_targets(elsewhere, dependencies=fakes.dependencies()) == 4
        assert "a redirect leads elsewhere" in capsys.readouterr().err

        shops[0].pages["/next"] = lambda: (302, b"", {"Location": "/next"})
        assert compare_targets(elsewhere, dependencies=fakes.dependencies()) == 4
        assert "more than 5 redirects" in capsys.readouterr().err


def test_a_path_that_is_wrong_everywhere_is_no_comparison_and_leaves_nothing(
    fakes: Fakes,
) -> None:
    with pytest.raises(UsageError, match=r"GET /nope is answered with 404 by a, 404 by b"):
        compared(fakes, Shop(fakes), Shop(fakes), get=["/nope"])

    assert not (fakes.folder / "reports").exists()


def test_a_target_that_does_not_answer_is_named(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(Shop(fakes), Shop(fakes)) as targets:
        options = TargetOptions(targets, get=["/"], out=fakes.folder / "reports")

    code = compare_targets(options, dependencies=fakes.dependencies())

    assert code == 4
    said = capsys.readouterr().err
    assert options.targets[0].url in said
    assert "The logs are in" not in said


def test_a_rate_is_never_passed(fakes: Fakes) -> None:
    shop = Shop(fakes, 1)
    started = fakes.passed_ns

    compared(fakes, shop, Shop(fakes, 1), rate=50.0)

    passed_s = (fakes.passed_ns - started) / 1e9
    # The other one was asked as often.
    assert 2 * len(shop.asked) <= 50 * passed_s + 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"user": "somebody:s3cr3t%21"}, {"basic-auth": ["somebody", "s3cr3t!"]}),
        ({"user": "somebody:s3cr3t%21"}, "somebody:s3cr3t!"),
        ({"get": [], "curl": ["curl /a -b 'sid=s3cr3t'"]}, {"cookie": "s3cr3t"}),
        ({"header": ["X-Sec: s3cr3t"]}, {"x-sec": "s3cr3t"}),
        ({"header": ["X-Sec: ${S}"], "environ": {"S": 's3cr3t"'}}, {"x-sec": 's3cr3t"'}),
        ({"get": ["/a?token=s3cr3t"]}, {"url": "/a?token=s3cr3t"}),
        ({"header": ["X-Sec: s3cr3t"]}, b"a page with s3cr3t"),
    ],
)
def test_what_a_service_says_of_a_secret_is_masked(
    fakes: Fakes, asked: dict[str, Any], said: Any
) -> None:
    paths = ("/", "/a", "/a?token=s3cr3t")
    shops = [Shop(fakes, 1, dict.fromkeys(paths, page)) for page in (said, b"none")]

    run = compared(fakes, *shops, **asked)

    assert run.results.differences
    assert (run.folder / "answers").is_dir()
    kept = [path.read_bytes() for path in run.folder.rglob("*") if path.is_file()]
    assert not [text for text in [*kept, run.output.encode()] if b"s3cr3t" in text]


def cached_shop(fakes: Fakes, *, hit_ms: float, miss_ms: float) -> Shop:
    """Return a shop with a cache that has what is asked for four times of five, and says so."""
    shop = Shop(fakes, hit_ms)

    def page() -> Any:
        is_miss = len(shop.asked) % 5 == 0
        fakes.spend(miss_ms - hit_ms if is_miss else 0)
        return 200, b"hello", {"X-Cache": "MISS" if is_miss else "HIT"}

    shop.pages = {"/": page}
    return shop


def test_a_header_tells_hits_and_the_report_says_from_which_hit_ratio_on_each_request_pays(
    fakes: Fakes,
) -> None:
    cached = cached_shop(fakes, hit_ms=1, miss_ms=12)

    run = compared(fakes, Shop(fakes, 10), cached, header_hit="X-Cache: HIT", **LONG)

    [a, b] = run.results.summaries[0].variants
    assert [each.outcome for each in a.latencies] == ["bypass"]
    assert {each.outcome for each in b.latencies} == {"hit", "miss"}
    assert b.hit_ratio == pytest.approx(0.8, abs=0.1)
    plain, row = run.results.summaries[0].endpoints
    # m / (d + m - c): two lost by a miss, nine won by a hit.
    assert row.break_even_hit_ratio == pytest.approx(2 / 11, rel=0.01)
    assert (plain.costs, plain.break_even_hit_ratio) == (None, None)
    text = (run.folder / "report.md").read_text()
    assert "hit ratio" in text
    assert "| pays from |" in text
    assert "| 0.18 |" in text
    with pytest.raises(UsageError, match="its report says from which hit ratio on a cache pays"):
        advise(Question.asked(run.folder))


def test_a_cache_whose_hits_are_no_faster_never_pays_and_one_of_hits_alone_says_nothing(
    fakes: Fakes,
) -> None:
    slow = cached_shop(fakes, hit_ms=11, miss_ms=12)
    run = compared(fakes, Shop(fakes, 10), slow, header_hit="X-Cache: HIT", **LONG)
    assert "| never |" in (run.folder / "report.md").read_text()

    full = Shop(fakes, 1)
    # A single miss among what is measured, after looking and warming up, is no mean.
    full.pages = {
        "/": lambda: (200, b"hello", {"X-Cache": "MISS" if len(full.asked) == 100 else "HIT"})
    }
    run = compared(fakes, Shop(fakes, 10), full, header_hit="X-Cache: HIT", **LONG)
    [_, row] = run.results.summaries[0].endpoints
    assert row.costs is None
    assert "not known before 10 hits and 10 misses" in (run.folder / "report.md").read_text()
    assert 0.95 < row.hit_ratio < 1


def test_json_is_all_that_standard_output_gets(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    left, right = {"/": {"a": 1}}, {"/": {"a": 2}}

    run = compared(fakes, Shop(fakes, 3, left), Shop(fakes, 1, right), json=True)

    said = json.loads(run.output)
    assert (said["exit_code"], said["reference"], said["run"]) == (
        3,
        "a",
        str(run.options.out / run.folder.name),
    )
    assert said["ratios"][0]["ratio"]["centre"] == pytest.approx(3)
    assert [row["action"] for row in said["requests"]] == ["GET /", "GET /"]
    assert said["wrong"][0]["check"] == "bodies"
    assert said["differences"][0]["place"] == "$.a"
    assert "Report and raw data are in" in capsys.readouterr().err


def test_two_runs_of_services_can_be_compared_with_each_other(fakes: Fakes) -> None:
    runs = [compared(fakes, Shop(fakes, ms), Shop(fakes, 10)).folder for ms in (30, 20)]
    output = io.StringIO()
    console = Console(file=output, width=200)

    assert diff(*runs, console=console, fail_on_change=True) == 1
    [row] = [
        line for line in output.getvalue().splitlines() if "worse" in line and "native" in line
    ]
    assert row.split()[2:6] == ["b", "3.00x", "2.00x", "0.67"]
    assert diff(*reversed(runs), console=console, fail_on_change=True) == 0


def test_a_certificate_is_verified_unless_that_is_said_in_the_report(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    shops = Shop(fakes), Shop(fakes)

    refused = compared(fakes, *shops, certificate=CERTIFICATE)
    assert refused.code == 4
    assert "its certificate is not trusted" in capsys.readouterr().err

    run = compared(fakes, *shops, certificate=CERTIFICATE, insecure=True)
    assert run.code == 0
    assert "Certificates were not verified" in (run.folder / "report.html").read_text()


def test_a_secret_in_a_path_is_sent_and_not_shown(fakes: Fakes) -> None:
    path = "/?page=1&access_token=s3cr3t"
    shop = Shop(fakes, 1, {path: b"x"})

    run = compared(fakes, shop, Shop(fakes, 1, {path: b"x"}), get=[path])

    assert run.code == 0
    assert {asked for _, asked, _ in shop.asked} == {path}
    assert "s3cr3t" not in (run.folder / "results.json").read_text() + run.output
    row = run.results.summaries[0].endpoints[0]
    assert row.action == "GET /?page=1&access_token=***"


def test_a_service_that_dies_meanwhile_leaves_what_was_measured(
    fakes: Fakes, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(fakes, 1)

    def page() -> Any:
        if len(shop.asked) > 60:
            raise ConnectionAbortedError
        return 200, b"hello", {}

    shop.pages = {"/": page}

    run = compared(fakes, Shop(fakes), shop)

    assert run.code == 4
    assert "The run is broken" in capsys.readouterr().err
    assert run.results.blocks
