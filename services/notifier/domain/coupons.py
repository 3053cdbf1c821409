"""A store's coupons: pools of codes, and what a message may offer out of one. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

Source = Literal["codes", "pattern", "endpoint"]
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What `#` of a pattern stands for: nobody takes one of them for another."""
CODE: Final = r"^[!-~]{1,64}$"
CODE_SHAPE: Final = re.compile(r"[!-~]{1,64}")
PATTERN: Final = r"^[A-Za-z0-9_-]*#[A-Za-z0-9_#-]*$"
DRAWN_LEAST: Final = 6
"""So many characters are drawn at least: 2³⁰ codes, so that nobody finds one by trying."""
LASTS_LEAST: Final = timedelta(hours=1)
"""A code that ends sooner is offered to nobody."""

NO_COUPON: Final = "no_coupon"
HAD_COUPON: Final = "had_coupon"
UNKNOWN_POOL: Final = "unknown_coupon_pool"
UNCHECKED: Final = "coupon_unchecked"
Without = Literal["no_coupon", "had_coupon", "unknown_coupon_pool"]
"""Why there is no code for somebody: the pool is empty, they had theirs, or the store has no such pool."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Where a store's codes come from: uploaded, drawn by a `pattern`, or asked for at the store's `url`.

    The store's `check_url` is asked whether a code counts before it is sent. A person gets one code in `once`. At
    `low_at` free codes the pool runs low.
    """

    store_id: str
    name: str
    source: Source
    pattern: str | None = None
    url: str | None = None
    check_url: str | None = None
    once: timedelta = timedelta(days=30)
    low_at: int = 0


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code and until when it counts, None where it has no end."""

    code: str = field(repr=False)
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A code that a person has of a pool: until when it counts; `own` if this very message holds it, `told` if one that
    may have gone out does.
    """

    code: str = field(repr=False)
    until: datetime | None
    own: bool
    told: bool

    def counts(self, at: datetime) -> bool:
        """Whether it still counts for a while."""
        return self.until is None or self.until > at


def is_pattern(pattern: str) -> bool:
    """Whether codes can be drawn by it, and nobody finds one by trying."""
    return re.fullmatch(PATTERN, pattern) is not None and pattern.count("#") >= DRAWN_LEAST and len(pattern) <= 64


def drawn(pattern: str, choose: Callable[[Sequence[str]], str]) -> str:
    """A code by a pattern; `choose` picks one of several characters by chance that nobody can guess."""
    return "".join(choose(ALPHABET) if character == "#" else character for character in pattern)


def with_coupon(url: str, code: str) -> str:
    """A link that tells the shop's page of a code: as `coupon` behind its other parameters and before its fragment. A
    link that names one already keeps it.
    """
    parts = urlsplit(url)
    if any(pair.partition("=")[0] == "coupon" for pair in parts.query.split("&")):
        return url
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}coupon={quote(code, safe='')}"))
