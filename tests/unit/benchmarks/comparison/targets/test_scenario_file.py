import random
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.comparison.targets.scenario_file import load_scenario, site_of
from benchmarks.comparison.targets.steps import TargetWork
from benchmarks.measure.client import Connection
from benchmarks.scenarios import examples
from benchmarks.scenarios.base import Draw
from benchmarks.storage.usage import UsageError
from tests.unit.benchmarks.comparison.targets.services import Shop, compared
from tests.unit.benchmarks.fake_dependencies import Fakes

EXAMPLES = sorted(
    path for path in Path(examples.__file__).parent.glob("*.py") if path.stem != "__init__"
)
NOBODY = site_of("nobody", Connection("http://127.0.0.1:9"), {})
HEAD = """
from benchmarks.scenarios.base import Ask, Member, Operation, Scenario, Setting, repeat
MEMBER = Member(number=0, headers={"Authorization": "the member"})
"""
SCENARIO = """
SCENARIO = Scenario(
    name="x", purpose="", actions={"a": lambda member: Ask("GET", "/")},
    draw=repeat("a", times=2), requests=2%s,
)
"""
PLAIN = """
USERS = 2

def sign_in(site, number):
    answer = site.send("POST", "/login", body={"user": number})
    assert answer.status == 201
    return {"Authorization": f"Bearer token-{number}"}

def requests(user):
    yield "/items"
    yield "GET", f"/items/{user['number']}"
    yield {"method": "POST", "path": "/orders", "body": {"by": user["number"]}, "name": "order"}
"""


def written(tmp_path: Path, text: str, name: str = "scenario.py") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def work_in(tmp_path: Path, text: str, **how: Any) -> TargetWork:
    return load_scenario(written(tmp_path, text), **how).work([NOBODY, NOBODY])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_loaded(path: Path) -> None:
    assert load_scenario(path).name


def test_a_plain_file_needs_no_import_and_signs_its_users_in(fakes: Fakes, tmp_path: Path) -> None:
    pages = {"/items": b"all", "/items/0": b"no 0", "/items/1": b"no 1"}
    shop = Shop(fakes, 1, pages)

    run = compared(
        fakes,
        shop,
        Shop(fakes, 1, pages),
        scenarios=[str(written(tmp_path, PLAIN, "shop.py"))],
        header=["Authorization: Bearer of-all"],
    )

    assert run.code == 0
    rows = run.results.summaries[0].endpoints
    assert [row.action for row in rows if row.variant == "a"] == [
        "GET /items",
        "GET /items/*",
        "order",
    ]
    assert run.results.options.users == 2
    asked = {(method, path): token for method, path, token in shop.asked if path != "/items"}
    assert asked == {
        ("POST", "/login"): "of-all",
        ("GET", "/items/0"): "token-0",
        ("GET", "/items/1"): "token-1",
        ("POST", "/orders"): asked["POST", "/orders"],
    }


def test_weights_make_a_mix_and_think_time_is_waited(fakes: Fakes, tmp_path: Path) -> None:
    text = """
def requests():
    yield {"path": "/", "weight": 9, "wait": (0.01, 0.09)}
    yield {"path": "/rare", "weight": 1, "wait": 0.05}
"""
    shop = Shop(fakes, 1, {"/": b"x", "/rare": b"y"})
    started = fakes.passed_ns

    run = compared(
        fakes,
        shop,
        Shop(fakes, 1, shop.pages),
        scenarios=[str(written(tmp_path, text))],
        blocks=2,
    )

    assert run.code == 0
    assert run.results.scenarios[0].kind == "mix"
    rare = sum(path == "/rare" for _, path, _ in shop.asked) / len(shop.asked)
    assert 0.03 < rare < 0.2
    # Each of the two waits 0.05 s on average, but not while it warms up.
    assert 0.03 < (fakes.passed_ns - started) / 1e9 / (2 * len(shop.asked)) < 0.06
    # What users think is no part of what services take.
    assert run.results.summaries[0].endpoints[0].p50_ms == pytest.approx(1)


def test_only_requests_that_are_the_same_everywhere_share_a_name(tmp_path: Path) -> None:
    text = "def requests():\n    for n in (1, 2, 1):\n        yield 'POST', '/a', {}, {'n': n}\n"

    assert list(work_in(tmp_path, text).asks[0]) == ["POST /a", "POST /a (2)"]


def test_think_time_is_also_waited_where_requests_have_an_order(tmp_path: Path) -> None:
    text = "def requests():\n    yield '/'\n    yield {'path': '/next', 'wait': 0.5}\n"
    given = Draw(users=1, amount=2, turn=0, rng=random.Random(1))

    assert [each.wait_s for each in work_in(tmp_path, text).scenario.draw(given)] == [0, 0.5] * 2


def test_users_are_as_many_as_asked_for(tmp_path: Path) -> None:
    text = "def requests(user):\n    yield f'/users/{user[\"number\"]}'\n"

    work = work_in(tmp_path, text, users=3)

    assert [ask.path for ask in work.asks[1]["GET /users/*"]] == [
        "/users/0",
        "/users/1",
        "/users/2",
    ]


def test_requests_know_what_sign_in_returned_and_their_own_headers_win(tmp_path: Path) -> None:
    text = """
def sign_in(site, number):
    return {"headers": {"Authorization": "the user", "X-Lang": "en"}, "basket": f"b{number}"}
def requests(user):
    own = {"Authorization": "my own"}
    yield {"method": "POST", "path": f"/{user['basket']}", "body": {"n": 1}, "headers": own}
"""
    [[ask]] = work_in(tmp_path, text).asks[0].values()

    assert ask.path == "/b0"
    assert ask.headers == {
        "Content-Type": "application/json",
        "Authorization": "my own",
        "X-Lang": "en",
    }


def test_a_module_beside_the_file_can_be_imported(tmp_path: Path) -> None:
    written(tmp_path, "PATHS = ['/a', '/b']\n", "beside_scenario.py")
    text = """
def requests():
    import beside_scenario
    yield from beside_scenario.PATHS
"""
    assert list(work_in(tmp_path, text).asks[0]) == ["GET /a", "GET /b"]
    again = "from beside_scenario import PATHS\ndef requests():\n    return PATHS\n"
    before = list(sys.path)
    assert list(work_in(tmp_path, again).asks[0]) == ["GET /a", "GET /b"]
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "defines no requests"),
        ("SCENARIO = 1", "defines no SCENARIO of the type"),
        ("1 / 0", "ZeroDivisionError"),
        ("assert 1 == 2, 'no'", "AssertionError: no"),
        ("import sys\nsys.exit(7)", "SystemExit: 7"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("this is no Python", "SyntaxError"),
        # What a spreadsheet or a page would run.
        (HEAD + (SCENARIO % "").replace('"x"', '"=1+1"'), "is no name"),
        (HEAD + (SCENARIO % "").replace('"a"', '"<b>"'), "is no name"),
        (HEAD + SCENARIO % "" + "members = 3", r"members\(\) raised TypeError"),
        (HEAD + SCENARIO % "" + "def members(site):\n    assert 0, 'x'", "members.. raised Assert"),
        (HEAD + SCENARIO % "" + "def members(site): return []", "returned no user for nobody"),
        (
            HEAD + SCENARIO % "" + "def members(site, n=[]): n.append(MEMBER); return [*n]",
            "as many users at every target",
        ),
        (HEAD + SCENARIO % ", primed='session'", "for the services of this project only"),
        (
            HEAD + SCENARIO % ", setting=Setting(indexed=False)",
            "for the services of this project only",
        ),
        ("requests = 3", "defines no requests"),
        ("def requests():\n    return []", "there is no request"),
        ("def requests():\n    yield 3", "3 is no request"),
        ("def requests():\n    yield {'url': '/'}", "its keys are method"),
        ("def requests():\n    yield {'path': '/', 'weight': 'x'}", "is no request: ValueError"),
        ("def requests():\n    yield {'path': '/', 'name': '=1'}", "is no name"),
        ("def requests():\n    assert 1 == 2", r"requests\(\) raised AssertionError"),
        ("def requests():\n    raise SystemExit", r"requests\(\) raised SystemExit"),
        (
            "def requests():\n    yield '/'\n    yield {'path': '/x', 'weight': 1}",
            "every request a weight",
        ),
        ("USERS = 2\ndef requests(u):\n    return ['/'] * u['number'] or ['/', '/']", "number"),
        (
            "USERS = 2\ndef requests(u):\n    yield ('GET', 'POST')[u['number']], '/'",
            "only paths, headers and bodies may differ",
        ),
        ("def requests(): yield '/'\nsign_in = 3", r"sign_in\(\) raised TypeError"),
        (
            "def requests(): yield '/'\ndef sign_in(site, number):\n    1 / 0",
            r"sign_in\(\) raised ZeroDivisionError",
        ),
        ("USERS = 0\ndef requests(): yield '/'", "USERS is 0"),
    ],
)
def test_a_file_that_is_no_scenario_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        work_in(tmp_path, text)

    assert str(tmp_path) in str(refused.value)


DRAWS = {
    "return []": "no operation that is measured",
    "yield Operation(0, 'a', counted=False)": "no operation that is measured",
    "yield Operation(0, 'b')": "has to be one of: a",
    "yield Operation(1, 'a')": "gave user 1, and there are 1",
    "yield Operation(-1, 'a')": "gave user -1",
    "yield 3": "has to be one of|no operation",
    "assert given is None, 'x'": "draw raised AssertionError: x",
    "exit()": "draw raised SystemExit",
}


@pytest.mark.parametrize("body", DRAWS)
def test_operations_that_cannot_be_are_refused_before_a_folder_is_made(
    fakes: Fakes, tmp_path: Path, body: str
) -> None:
    drawing = (SCENARIO % "").replace('repeat("a", times=2)', "draw")
    text = f"{HEAD}def draw(given):\n    {body}\n{drawing}"

    with pytest.raises(UsageError, match=DRAWS[body]):
        compared(fakes, Shop(fakes), Shop(fakes), scenarios=[str(written(tmp_path, text))])

    assert not (fakes.folder / "reports").exists()


def test_what_http_cannot_say_is_refused(fakes: Fakes, tmp_path: Path) -> None:
    path = written(tmp_path, "def requests():\n    yield 'GET', '/', {'X': '\xfc'}\n")

    with pytest.raises(UsageError, match="not ASCII"):
        compared(fakes, Shop(fakes), Shop(fakes), scenarios=[str(path)])


def test_what_a_member_sends_is_sent_with_its_requests(tmp_path: Path) -> None:
    text = f"{HEAD}{SCENARIO % ''}\ndef members(site):\n    return [MEMBER]\n"

    [[ask]] = work_in(tmp_path, text).asks[0].values()

    assert ask.headers == {"Authorization": "the member"}


def test_how_many_users_there_are_is_said_in_one_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--users means nothing here"):
        work_in(tmp_path, HEAD + SCENARIO % "", users=2)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        load_scenario(tmp_path / "nothing.py")
