"""How fast one process takes deliveries up: what an outage has piled up is not poured out at once. Pure."""

import math


class TokenBucket:
    """A bucket of tokens that fills at `per_second` up to one second's worth; 0 is no limit."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._most = max(1.0, per_second)
        self._tokens, self._at = self._most, -math.inf

    def allowed(self, wanted: int, now: float) -> int:
        """How many of `wanted` may be taken up at `now`, in seconds of any steady clock."""
        if not self._rate:
            return wanted
        self._tokens = min(self._most, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        return min(wanted, int(self._tokens))

    def took(self, count: int) -> None:
        """So many were taken up."""
        self._tokens -= count
