"""How often a caller may call: the generic cell rate algorithm (ITU-T I.371), a token bucket kept as one number.

That number is `due`: when the bucket of a caller will be full again. All times are microseconds of one clock.
"""

from functools import cached_property
from math import ceil

from pydantic import BaseModel, ConfigDict, Field

SECOND = 1_000_000


class Rate(BaseModel):
    """`burst` calls at once, and `per_second` in the long run: in t seconds never more than burst + per_second · t."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: float = Field(gt=0.0001, le=100_000)
    burst: int = Field(ge=1, le=1_000_000)

    @cached_property
    def interval(self) -> int:
        """Microseconds that one call costs."""
        return ceil(SECOND / self.per_second)

    @cached_property
    def tolerance(self) -> int:
        """Microseconds until an empty bucket is full."""
        return self.interval * self.burst

    def wait(self, due: int, now: int) -> int:
        """Microseconds until one more call is within the rate; 0: it is now."""
        return max(0, max(due, now) + self.interval - self.tolerance - now)

    def is_no_persons(self, debt: int) -> bool:
        """Whether somebody who has used up so much of the burst calls as no person does: half of it or more."""
        return debt * 2 >= self.tolerance

    def after(self, due: int, now: int) -> int:
        """`due` after one more call."""
        return max(due, now) + self.interval


class Rates(BaseModel):
    """The rates of one store; far above what people do, so that only programs ever meet them.

    `shopper`: one customer or guest on all devices. `server`: one secret key. `storefront`: all shoppers who come with
    one publishable key, or with none. By the address of the caller: `tokens` (guests' tokens that are issued),
    `failures` (credentials and links that turn out to be none) and `contacts` (addresses that guests leave, and of each
    such address those who leave it).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shopper: Rate = Rate(per_second=20, burst=300)
    server: Rate = Rate(per_second=500, burst=5000)
    storefront: Rate = Rate(per_second=5000, burst=50_000)
    tokens: Rate = Rate(per_second=10, burst=600)
    failures: Rate = Rate(per_second=5, burst=300)
    contacts: Rate = Rate(per_second=0.05, burst=30)


def due_everywhere(due: int, age: int, cost: int, now: int) -> int:
    """`due` of a caller on all replicas, once one of them has told of calls worth `cost`, the first `age` ago.

    Counted as if all had come at first: never later than when they really came, so that the exchange alone refuses
    nobody who keeps to the rate. `db/rate_limits.py` does the same in SQL.
    """
    return max(due, now - age) + cost
