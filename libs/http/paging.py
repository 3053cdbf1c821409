"""One way of paging: a list begins behind `after`, has up to `limit` items, and tells in `next` the `after` of the page
that follows, null on the last. What `next` is made of is nobody's concern but the server's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fastapi import Query

T = TypeVar("T")
LONGEST = 200
"""Characters of an `after` that is text."""
BEHIND = "`next` of the page before; left out, the list begins."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 16
"""Of microseconds since 1970, up to the year 2286; more would lead out of the calendar."""


def after(**rules: Any) -> Any:  # noqa: ANN401 - as Query
    """The parameter `after`, with rules of its own."""
    return Query(description=BEHIND, **rules)


def text_after(example: str, longest: int = LONGEST) -> Any:  # noqa: ANN401 - as Query
    """The parameter `after` of a list whose places are names: without what no name holds, and no database stores."""
    return after(max_length=longest, pattern=r"^[^\x00-\x1f\x7f]*$", examples=[example])


def limit(most: int) -> Any:  # noqa: ANN401 - as Query
    """The parameter `limit`: from one to `most` items a page."""
    return Query(ge=1, le=most, description="The most items on a page.", examples=[most])


def page_of(found: Sequence[T], most: int, place: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """A page of up to `most` items out of `found`, which has one more where another page follows; and its `next`."""
    page = found[:most]
    return page, place(page[-1]) if len(found) > most else None


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in a list that goes by time; `name` tells apart what has the same."""

    at: datetime
    name: str

    def __str__(self) -> str:
        micros = (self.at - _EPOCH) // timedelta(microseconds=1)
        return f"{micros}.{self.name}"

    @classmethod
    def read(cls, text: str) -> "Moment":
        """The place of a `next`. Raises `ValueError` for what is none."""
        micros, point, name = text.partition(".")
        if not point or not name or not micros.isascii() or not micros.isdigit() or len(micros) > _DIGITS:
            raise ValueError("no place of a page")
        return cls(_EPOCH + timedelta(microseconds=int(micros)), name)
