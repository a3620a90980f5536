import re
import xml.etree.ElementTree as ET
from typing import Any

from benchmarks.report.figure import Figure
from benchmarks.report.plots.forest import make
from tests.unit.benchmarks.report.runs import REGIMES, results, workload

NAMES = ("uncached", "cached", "naive")


def run(**changes: Any) -> dict[str, Any]:
    return results(NAMES, list(REGIMES), **changes)


def drawn(figure: Figure | None) -> list[str]:
    assert figure is not None
    texts = [each for each in ET.fromstring(figure.svg).iter() if each.tag.endswith("}text")]
    return ["".join(text.itertext()) for text in texts]


def test_every_ratio_that_claims_are_about_is_drawn_with_its_numbers() -> None:
    texts = drawn(make(run()))

    assert {"session, native", "session, 50ms-per-request", "session, 50ms-per-query"} <= {*texts}
    assert "1.70x [1.64, 1.77]" in texts
    assert {"cached", "naive"} <= {*texts}


def test_sweeps_are_left_to_figures_of_their_own() -> None:
    assert not [text for text in drawn(make(run())) if "db+" in text or "redis+" in text]


def test_mixes_and_the_noise_of_each_variant_are_in_it() -> None:
    texts = drawn(make(run(workloads=[workload("zipf", "cached", 2.5, 0.8)])))

    assert "2.50x [2.38, 2.62]" in texts
    assert texts.count("1.00x [0.98, 1.02]") == len(NAMES)


def test_what_is_claimed_and_the_noise_are_marked_and_explained() -> None:
    figure = make(run())

    assert figure is not None
    assert {"1", "4.63", "5"} <= {*drawn(figure)}
    assert "the claimed 4.63x and 5x" in figure.caption
    assert "how far a service differs from itself, 3%" in figure.caption


def test_without_noise_and_claims_nothing_is_said_of_them() -> None:
    figure = make(results(noise=[], verdicts=[]))

    assert figure is not None
    assert "claimed" not in figure.caption
    assert "band" not in figure.caption


def test_the_table_holds_every_number_that_is_drawn() -> None:
    figure = make(results())

    assert figure is not None
    assert len(figure.table.rows) == 5
    assert figure.table.rows[0][:3] == ["session", "native", "cached"]
    ratio, low, high = (float(text) for text in figure.table.rows[0][3:])
    assert low < ratio < high


def test_a_ratio_without_an_interval_is_a_point_that_says_so() -> None:
    made = results(regimes=["native"], noise=[])
    made["summaries"][0]["ratios"][0]["shown"] = None
    figure = make(made)

    assert "1.70x [-]" in drawn(figure)
    assert figure is not None
    assert figure.table.rows[0][4:] == ["-", "-"]


def test_a_run_without_ratios_has_no_figure() -> None:
    assert make(results(summaries=[], noise=[])) is None


def test_all_texts_are_inside_the_picture() -> None:
    names = ("uncached", "cached", "fastapi-redis-sdk", "static")
    figure = make(results(names, spread=0.3))

    assert figure is not None
    places = [float(x) for x in re.findall(r"<text [^>]*x=\"([-.\d]+)\"", figure.svg)]
    assert all(0 <= x <= 360 for x in places)
    assert len(places) > 10


def test_the_same_results_give_the_same_bytes() -> None:
    first, again = make(run()), make(run())

    assert first == again


def test_the_alternative_text_has_the_numbers() -> None:
    figure = make(results())

    assert figure is not None
    assert "cached, session, native: 1.70x [1.64, 1.77]" in figure.alt
