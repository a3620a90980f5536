from benchmarks.report.figure import Figure
from benchmarks.report.page import Table


def test_the_numbers_of_a_figure_are_csv_whatever_is_in_them() -> None:
    table = Table(("what", "ms"), [("a, b", "1.5"), ('said "so"', "2")])
    figure = Figure(name="f", title="", caption="", alt="", table=table, svg="")

    assert figure.csv() == 'what,ms\n"a, b",1.5\n"said ""so""",2\n'
