"""Whoever comes gets the smallest number that is free."""

from benchmarks.load.id_pool import IdPool


def test_numbers_count_up_and_those_given_back_are_used_first_the_smallest_one_before() -> None:
    seats = IdPool()

    assert [seats.take() for _ in range(4)] == [0, 1, 2, 3]
    for number in (2, 0):
        seats.give_back(number)
    assert [seats.take() for _ in range(3)] == [0, 2, 4]
