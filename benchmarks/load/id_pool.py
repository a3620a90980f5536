"""Numbers for those who come and go: each newcomer gets the smallest one that is free."""

import heapq


class IdPool:
    """Numbers from 0; whoever leaves gives the number back, so those present stay dense."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._taken = 0

    def take(self) -> int:
        """Return the smallest number that nobody has."""
        if self._free:
            return heapq.heappop(self._free)
        self._taken += 1
        return self._taken - 1

    def give_back(self, number: int) -> None:
        """Make a number free again."""
        heapq.heappush(self._free, number)
