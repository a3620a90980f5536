from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks.capacity.options import CapacityOptions, parse_numbers
from benchmarks.cli.main import app
from benchmarks.storage.usage import UsageError


def test_without_a_wish_the_default_variants_are_measured_beside_the_ceiling() -> None:
    options = CapacityOptions.asked()

    assert options.variants == ("uncached", "cached", "static")
    assert {1, 8} <= set(options.connections)
    assert options.rounds >= 3


def test_the_reference_comes_first_and_connections_rise() -> None:
    options = CapacityOptions.asked(variants=["naive", "uncached"], connections=[8, 1, 8])

    assert options.variants == ("uncached", "naive")
    assert options.connections == (1, 8)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"variants": ["redis"]}, "unknown variant 'redis'"),
        ({"connections": []}, "--connections is empty"),
        ({"connections": [0]}, "--connections is 0; it takes 1 to 1000"),
        ({"workers": ()}, "--workers is empty"),
        ({"workers": (65,)}, "--workers is 65; it takes 1 to 64"),
        ({"rounds": 1}, "--rounds is 1; it takes 2 to 100"),
        ({"seconds": 0.0}, "--seconds is 0.0"),
        ({"seed": -1}, "--seed is -1"),
        ({"users": 0}, "--users is 0"),
        ({"todos_per_user": -1}, "--todos-per-user is -1"),
        ({"payload_bytes": 0}, "--payload-bytes is 0"),
    ],
)
def test_a_senseless_wish_is_refused_before_anything_starts(
    asked: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        CapacityOptions.asked(**asked)


def test_numbers_of_connections_are_read_from_one_text() -> None:
    assert parse_numbers("--workers", "1, 2,4") == (1, 2, 4)
    for text in ("1,few", "1,,2", "1,2,", ",", " "):
        with pytest.raises(UsageError, match=f"--workers is '{text}'; it takes numbers such"):
            parse_numbers("--workers", text)


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        (["capacity", "--soak", "100", "--rounds", "3"], "--rounds"),
        (["capacity", "--soak", "100", "--connections", "1,2,4,8,16,32,64"], "--connections"),
        *(
            (["compare", "--target", "a=http://127.0.0.1:1", name, "2"], name)
            for name in ("--variant", "--fail-on")
        ),
    ],
)
def test_an_option_that_means_nothing_to_a_command_is_refused_also_with_its_default(
    typed: list[str], refused: str
) -> None:
    result = CliRunner().invoke(app, typed)

    assert isinstance(result.exception, UsageError)
    assert refused in str(result.exception)
