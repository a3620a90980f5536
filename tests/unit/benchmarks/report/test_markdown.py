from benchmarks.report.markdown import to_markdown as rendered
from benchmarks.report.results import Results, assemble, from_json, to_json
from benchmarks.report.view import page
from tests.unit.benchmarks.simulate import header, run_samples


def to_markdown(results: Results) -> str:
    return rendered(page(results))


def test_the_same_results_render_to_the_same_bytes_twice() -> None:
    results = assemble(header(), run_samples())

    assert to_markdown(results) == to_markdown(results)
    assert to_markdown(from_json(to_json(results))) == to_markdown(results)


def test_the_measured_ratio_and_the_claimed_arithmetic_stand_side_by_side() -> None:
    text = to_markdown(assemble(header(), run_samples(noise=0)))

    assert "| native | cached | 55.0 [55.0, 55.0] | 4.55x [4.55, 4.55] |" in text
    assert "250/54 is 4.63x" in text
    assert "5 reads can never be 5x faster" in text
    assert "6 reads can: 5.45x" in text


def test_the_caveats_that_apply_are_there() -> None:
    text = to_markdown(assemble(header(), run_samples()))

    assert "these are not MongoDB figures." in text
    assert "one machine of 2 CPUs" in text
    assert "delay is constant" in text


def test_a_run_without_an_injected_delay_does_not_speak_of_one() -> None:
    regimes = [
        entry | {"skipped": "no test commands" if entry["delay_ms"] else None}
        for entry in header()["regimes"]
    ]
    text = to_markdown(assemble(header(regimes=regimes), run_samples()))

    assert "delay is constant" not in text
    assert text.count("Left out") == 1
    assert "50ms-per-query, db+1ms, db+20ms, because no test commands." in text


def test_servers_of_somebody_else_are_not_said_to_be_on_this_machine() -> None:
    about = header()["environment"]
    elsewhere = about | {"database": about["database"] | {"kind": "external"}}

    text = to_markdown(assemble(header(environment=elsewhere), run_samples()))

    assert "no network between" not in text
    assert "Not started by this run: database; the way there is part of every time" in text


def test_servers_and_versions_are_named() -> None:
    text = to_markdown(assemble(header(), run_samples()))

    assert "| database | SecantusDB 0.7 (SecantusDB) |" in text
    assert "| Redis | Redis 8.2 (redis-server) |" in text
    assert "| commit | 0123456789ab with changes |" in text


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert "Some \\| CPU" in to_markdown(assemble(header(), run_samples()))


def test_an_unfinished_run_says_so_first() -> None:
    text = to_markdown(assemble(header(state="interrupted", reason="it was stopped"), []))

    assert text.index("This run is interrupted: it was stopped.") < text.index("## ")
    assert "No pair of blocks came to its end." in text
