import sys

import pytest

from service.server import serve


@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [
        ("--host", "", "a host name or an address"),
        ("--host", "a..b", "a host name or an address"),
        ("--port", "99999", "a whole number from 0 to 65535"),
        ("--port", "-1", "a whole number from 0 to 65535"),
        ("--port", "http", "a whole number from 0 to 65535"),
        ("--workers", "0", "a whole number from 1 on"),
        ("--workers", "-1", "a whole number from 1 on"),
        ("--workers", "two", "a whole number from 1 on"),
    ],
)
def test_a_wrong_option_stops_the_start_with_its_name_and_what_it_takes(
    option: str,
    value: str,
    takes: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["service", option, value])
    with pytest.raises(SystemExit) as ended:
        serve("service.app", "from_environment")

    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: argument {option}: takes {takes}\n")
