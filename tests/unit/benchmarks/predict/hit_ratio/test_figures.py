from xml.etree import ElementTree as ET

import pytest

from benchmarks.predict.hit_ratio.curves import AXES
from benchmarks.predict.hit_ratio.figures import figures, make_curves
from benchmarks.predict.hit_ratio.question import HitRatioQuestion
from benchmarks.predict.hit_ratio.results import assemble
from benchmarks.report.results import Results
from tests.unit.benchmarks.predict.hit_ratio.fakes import HEADER, as_measured

QUESTION = HitRatioQuestion(users=60, rate=1.0)


@pytest.fixture(scope="module", name="results")
def _results() -> Results:
    return assemble(QUESTION, as_measured(QUESTION, points=8), HEADER)


def test_every_figure_says_what_it_shows(results: Results) -> None:
    drawn = figures(results)

    assert [figure.name for figure in drawn] == ["curves", "agreement", "start"]
    for figure in drawn:
        ET.fromstring(figure.svg)
        assert figure.alt.endswith(".")
        assert figure.table.rows
        assert all(len(row) == len(figure.table.headings) for row in figure.table.rows)


def test_one_axis_can_be_drawn_alone(results: Results) -> None:
    figure = make_curves(results, ["ttl"])

    assert figure is not None
    assert figure.name == "by-ttl"
    assert AXES["ttl"] in figure.svg
