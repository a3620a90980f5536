import pytest

from benchmarks.analysis.claims.claim import CLAIMS, ClaimUnreadable, parse_claim


def test_the_claims_are_those_of_the_starting_document_whose_numbers_give_4_63_and_not_5() -> None:
    assert {name: (claim.statistic, claim.kind, claim.value) for name, claim in CLAIMS.items()} == {
        "C1": ("total", "equals", pytest.approx(250 / 54)),
        "C2": ("total", "at_least", 5),
        "C3": ("hit ms", "at_most", 1),
        "C4a": ("reference ms", "equals", 250),
        "C4b": ("total ms", "equals", 54),
        "C5": ("miss", "at_most", 1),
        "C6": ("queries", "equals", 5),
    }


def test_a_claim_in_words_says_how_many_times_as_fast_a_variant_is() -> None:
    claim = parse_claim(" cached/uncached  p50 >= 5x of hits in 50ms-per-request", name="U1")

    assert (claim.variant, claim.reference, claim.statistic) == ("cached", "uncached", "p50")
    assert (claim.kind, claim.value, claim.unit) == ("at_least", 5, "x")
    assert (claim.scenario, claim.regime) == ("hits", "50ms-per-request")
    assert claim.text == "cached/uncached p50 >= 5x of hits in 50ms-per-request"


@pytest.mark.parametrize(
    ("sign", "kind"), [(">=", "at_least"), ("<=", "at_most"), ("=", "equals"), ("==", "equals")]
)
def test_every_sign_is_a_rule(sign: str, kind: str) -> None:
    assert parse_claim(f"b/a total {sign} 1.5", name="U1").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cached is fast",
        "cached/uncached >= 5",
        "cached/uncached p42 >= 5",
        "cached/uncached p50 > 5",
        "cached/uncached p50 >= five",
        "cached/uncached p50 >= -5",
        "cached/uncached p50 >= 0",
        "cached/cached p50 >= 5",
        "cached/uncached p50 >= 5 and more",
    ],
)
def test_words_that_are_no_claim_are_answered_with_the_form(text: str) -> None:
    with pytest.raises(ClaimUnreadable):
        parse_claim(text, name="U1")
