from collections.abc import Mapping

import pytest

from benchmarks.report.html.theme import MARKS, variables
from benchmarks.report.tones import TONES, Tone
from tests.unit.benchmarks.report.contrast import contrast

WORDS: Mapping[str, Tone] = {**MARKS, "ink": TONES["ink"], "muted": TONES["muted"]}


@pytest.mark.parametrize("name", WORDS)
def test_words_have_enough_contrast_on_light_and_dark_paper(name: str) -> None:
    assert contrast(WORDS[name].light, TONES["paper"].light) >= 4.5
    assert contrast(WORDS[name].dark, TONES["paper"].dark) >= 4.5


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_color_is_a_variable_in_each_scheme_and_paper_comes_last() -> None:
    light, dark, paper = variables().strip().splitlines()

    assert all(f"--{name}:{tone.light};" in light for name, tone in {**TONES, **MARKS}.items())
    assert all(f"--{name}:{tone.dark};" in dark for name, tone in {**TONES, **MARKS}.items())
    assert paper.startswith("@media print")
    assert light.removeprefix(":root") in paper
