import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from benchmarks.storage.plain import DataUnreadable, added, from_plain, rounded, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Apple:
    kind: Literal["red", "green"]
    grams: float
    seeds: int = 0
    worm: str | None = added(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    apples: tuple[Apple, ...]
    prices: Mapping[str, float | None]
    full: bool
    label: tuple[str, int] = ("none", 0)


PLAIN: dict[str, Any] = {
    "apples": [
        {"kind": "red", "grams": 0, "seeds": 5},
        {"kind": "green", "grams": 1.5, "seeds": 0},
    ],
    "prices": {"red": 1, "green": None},
    "full": True,
    "label": ["from", 3],
}


def test_what_is_read_is_written_as_it_was_spelled_without_what_was_added_later() -> None:
    basket = from_plain(Basket, PLAIN)

    assert basket.apples[1] == Apple(kind="green", grams=1.5)
    assert json.dumps(to_plain(basket)) == json.dumps(PLAIN)
    assert to_plain(Apple(kind="red", grams=1.0, worm="Ada")) == {
        "kind": "red",
        "grams": 1.0,
        "seeds": 0,
        "worm": "Ada",
    }


def test_floats_are_cut_to_six_digits_wherever_they_are_and_names_are_sorted() -> None:
    basket = Basket(
        apples=(Apple(kind="red", grams=1 / 3),), prices={"red": 2 / 3, "green": None}, full=False
    )

    assert json.dumps(to_plain(rounded(basket))) == json.dumps(
        {
            "apples": [{"kind": "red", "grams": 0.333333, "seeds": 0}],
            "prices": {"green": None, "red": 0.666667},
            "full": False,
            "label": ["none", 0],
        }
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"apples": {}}, "apples: {} is no list"),
        ({"apples": [3]}, "apples.0: it is no object"),
        ({"apples": [{"kind": "red"}]}, "apples.0: it lacks grams"),
        ({"apples": [{"kind": "blue", "grams": 1}]}, "apples.0.kind: 'blue' is none of red, green"),
        ({"apples": [{"kind": "red", "grams": True}]}, "apples.0.grams: True is no number"),
        (
            {"apples": [{"kind": "red", "grams": 1, "seeds": 1.5}]},
            "apples.0.seeds: 1.5 is no whole number",
        ),
        ({"prices": []}, "prices: [] is no object"),
        ({"prices": {"red": float("inf")}}, "prices.red: inf is no number"),
        ({"full": 1}, "full: 1 is no truth value"),
        ({"label": ["from"]}, "label: ['from'] is no list of 2"),
        ({"pears": []}, "pears is an unknown name"),
    ],
)
def test_what_is_damaged_is_named_by_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DataUnreadable) as refused:
        from_plain(Basket, PLAIN | change)

    assert str(refused.value) == said


def test_a_lenient_reader_passes_over_names_that_it_does_not_know() -> None:
    apple = PLAIN["apples"][0] | {"pips": 3}
    basket = from_plain(Basket, PLAIN | {"pears": [], "apples": [apple]}, lenient=True)

    assert basket.apples == (Apple(kind="red", grams=0, seeds=5),)
