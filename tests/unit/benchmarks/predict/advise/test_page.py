import xml.etree.ElementTree as ET
from io import StringIO

import pytest
from rich.console import Console

from benchmarks.predict.advise.answer import answer
from benchmarks.predict.advise.curve import as_csv
from benchmarks.predict.advise.evidence import Evidence, evidence_of
from benchmarks.predict.advise.facts import gather
from benchmarks.predict.advise.figure import caption, curve_svg, grid
from benchmarks.predict.advise.page import page
from benchmarks.predict.advise.question import Question
from benchmarks.report.markdown import to_markdown
from benchmarks.report.terminal import print_page
from tests.unit.benchmarks.analysis.model.requests import sessions, writes

FAR = {"app_ms": 1.2, "db_ms": 50, "hit_ms": 0.15, "miss_ms": 1.5, "want": 5}
NEAR = FAR | {"db_ms": 1.2}


def said(evidence: Evidence | None = None, /, **numbers: float) -> str:
    facts = gather(Question.asked(**numbers), evidence)
    return " ".join(to_markdown(page(facts, answer(facts), evidence)).split())


def svg(**numbers: float) -> str:
    facts = gather(Question.asked(**numbers), None)
    return curve_svg(facts, answer(facts))


def test_a_cache_that_pays_is_said_to_with_what_it_brings() -> None:
    text = said(**FAR, hit_ratio=0.8, writes=0)

    assert "Yes, a cache pays here: with 80 % of the reads answered from it" in text
    assert "a read takes 11.6 ms instead of 51.2 ms on average, 4.41x as fast." in text
    assert "they are misses, as always up to a hit ratio of 99 %" in text
    assert "| mean | 51.2 | 11.6 | 4.41x |" in text


def test_the_tail_is_not_excused_where_nearly_all_reads_hit() -> None:
    assert "they are misses" not in said(**FAR, hit_ratio=0.995)


def test_a_rate_is_told_its_workers_and_servers() -> None:
    text = said(rate=1e5, hit_ratio=0.9, writes=0.05, users=1_000_000)

    assert "What 100000 requests per second take" in text
    assert "At a hit ratio of 90 % with 5 % writes." in text
    assert "| workers | 242 | 92 |" in text
    assert "| Redis nodes | - | 7 |" in text
    assert "| cores busy in the database | 413 | 211 |" in text
    assert "the cores of the database say nothing of MongoDB" in text


def test_entries_that_one_node_cannot_hold_take_several() -> None:
    assert "| Redis nodes | - | 7 |" in said(rate=10, users=100_000, entry_bytes=1_000_000)


def test_without_a_rate_nothing_is_said_of_workers() -> None:
    assert "workers" not in said(users=1000)


def test_a_cache_that_loses_is_said_to_with_where_it_would_pay() -> None:
    text = said(**NEAR, hit_ratio=0.5, writes=0)

    assert "No, a cache does not pay here" in text
    assert "0.91x as fast" in text
    assert "Reads gain from a hit ratio of 58.8 % on, or at 50 % from a database" in text
    assert "more than 1.65 ms" in text


def test_a_gain_that_nobody_notices_is_no_yes() -> None:
    assert "Hardly: with 62 % of the reads" in said(**NEAR, hit_ratio=0.62, writes=0)


def test_a_hit_that_costs_what_it_spares_is_beyond_help() -> None:
    text = said(db_ms=0.1, hit_ms=0.2)

    assert "No hit ratio helps: a hit costs 0.20 ms and spares 0.10 ms." in text


def test_writes_that_nothing_makes_up_for_are_named() -> None:
    text = said(**NEAR, writes=0.7, invalidation_ms=5, hit_ratio=0.9)

    assert "No hit ratio makes up for what the cache adds to the writes." in text


def test_an_impossible_wish_is_told_why_and_what_it_would_take() -> None:
    text = said(**NEAR)

    assert "5x is impossible here, whatever the hit ratio and the TTL" in text
    assert "it would still take 1.35 ms, 1.78x" in text
    assert "a database of at least 5.55 ms (here 1.20 ms), or a hit of at most 0.48 ms" in text
    assert "From a cold cache no number of reads of the same data gives 5x." in text


def test_a_possible_wish_is_told_its_hit_ratio_its_ttl_and_its_reads() -> None:
    text = said(**FAR, users=1000, rate=100, skew=0.99, writes=0, ttl=300)

    assert "take a hit ratio of 82.7 %; with 97 % that is reached." in text
    assert "With 1 000 users and 100 requests per second a TTL of 29 seconds gives that" in text
    assert "5 minutes give 97 %" in text
    assert "From a cold cache, 5x takes 6 reads of the same data: the first one is a miss." in text


def test_a_ttl_for_a_workload_that_was_guessed_says_so() -> None:
    assert "(assumed, say --users and --rate)" in said(**FAR)


def test_too_many_writes_are_named_as_what_no_ttl_helps_against() -> None:
    text = said(**FAR, writes=0.3)

    assert "no TTL is long enough" in text
    assert "at most 70 % of the reads hit" in text
    assert "reads would reach it with up to 17.3 % writes" in text


def test_memory_is_said_for_one_entry_for_the_live_ones_and_for_all() -> None:
    text = said(users=1000, entry_bytes=1000, rate=1e6, writes=0, ttl=300)

    assert "A value of 1 000 bytes takes 1 154 in Redis" in text
    assert "1 000 of 1 000 entries are there at a time: 1.1 MiB" in text


def test_every_number_is_listed_with_its_origin() -> None:
    text = said(db_ms=12)

    assert "| what a hit avoids (d) | 12.0 ms | given (--db-ms) |" in text
    assert "| users | 1 000 | assumed: a guess |" in text
    assert "13 numbers are assumed" in text


def test_the_curve_has_a_row_for_each_tenth_and_each_mark() -> None:
    text = said(**FAR, hit_ratio=0.65, writes=0)

    assert "| 0 % | 52.7 | 0.97x | |" in text
    assert "| 2.9 % | 51.2 | 1.00x | < break-even |" in text
    assert "█ < you are here |" in text
    assert "| 82.7 % | 10.2 | 5.00x | ███████████ < 5x |" in text
    assert f"| 100 % | 1.35 | 37.93x | {'█' * 24} |" in text


def test_marks_that_fall_together_share_a_row() -> None:
    text = said(**FAR, hit_ratio=0.95, writes=0.05)

    assert "< you are here, most that writes leave" in text


def test_places_that_look_the_same_are_one_row() -> None:
    assert said(**FAR, hit_ratio=0.8271).count("| 82.7 % | 10.2 |") == 1


def test_a_run_shows_its_model_beside_what_was_measured() -> None:
    requests = [
        *sessions(), *writes(), *sessions(regime="50ms", delay_ms=50, slower_hit_ms=20),
        *writes(regime="50ms", slower_ms=9),
    ]  # fmt: skip

    text = said(evidence_of(requests))

    assert "made of 200 uncached reads, 40 misses, 160 hits and 20 writes (cached, native" in text
    assert "it foresees 4 of 8 figures to within 10%" in text
    assert "| session | 50ms | an uncached read | 56.2 | 56.2 | +0.0% |" in text
    assert "MISSED" in text
    assert "caches and clocks" in text
    assert "spare writes a read of the database" in text
    assert "spread" not in text


def test_a_run_of_one_regime_has_nothing_to_be_compared_with() -> None:
    assert "nothing else that the model could be compared with" in said(evidence_of(sessions()))


def test_checks_that_failed_come_before_everything_that_is_to_be_kept_in_mind() -> None:
    text = said(evidence_of(sessions(), failed_checks=["errors", "bodies"]))

    assert "keep in mind - Checks of this run failed (errors, bodies)" in text


@pytest.mark.parametrize("numbers", [FAR, NEAR, {"db_ms": 0.1, "hit_ms": 0.2}])
def test_it_fits_on_80_columns(numbers: dict[str, float]) -> None:
    facts = gather(Question.asked(**numbers), None)
    output = StringIO()

    print_page(page(facts, answer(facts), None), Console(file=output, width=80))

    assert "…" not in output.getvalue()
    assert all(len(line) <= 80 for line in output.getvalue().splitlines())


def test_the_figure_is_the_same_bytes_and_says_its_marks() -> None:
    text = svg(**FAR, hit_ratio=0.65)

    assert text == svg(**FAR, hit_ratio=0.65)
    ET.fromstring(text)
    assert "you are here 65 %" in text
    assert "break-even 2.9 %" in text
    assert "5x 82.7 %" in text
    assert "most that writes leave 95 %" in text


@pytest.mark.parametrize(
    "numbers",
    [{"db_ms": 0.1, "hit_ms": 0.2}, {**NEAR, "hit_ratio": 0}, {**FAR, "hit_ratio": 1, "writes": 0}],
)
def test_a_figure_of_any_cache_can_be_drawn(numbers: dict[str, float]) -> None:
    ET.fromstring(svg(**numbers))


def test_the_caption_says_in_words_what_the_figure_shows() -> None:
    facts = gather(Question.asked(**FAR, hit_ratio=0.65, writes=0), None)

    text = caption(facts, answer(facts))

    assert "0.97x where nothing hits to 37.93x where all does" in text
    assert "break-even at 2.9 %; you are here at 65 %; 5x at 82.7 %" in text


def test_the_points_of_the_curve_can_be_had() -> None:
    lines = as_csv(gather(Question.asked(**FAR), None), grid()).splitlines()

    assert lines[0] == "hit_ratio,read_ms,speedup"
    assert lines[1] == "0,52.7,0.971537"
    assert lines[-1] == "1,1.35,37.9259"
    assert len(lines) == 202
