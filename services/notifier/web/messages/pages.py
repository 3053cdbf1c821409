"""Pages of what came in at a time, the newest first."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from starlette.responses import Response

from libs.http import paging
from libs.http.paging import Moment, page_of
from libs.http.problems import Problem
from libs.http.unkept import unkept

T = TypeVar("T")
PAGE = 200
After = Annotated[str, paging.text_after("1795342500000000.SM01")]
Limit = Annotated[int, paging.limit(PAGE)]


def page_told(name: str, found: list[dict[str, Any]], limit: int, key: str) -> Response:
    """A page of the rows, and what the next begins behind; `key` tells apart those of one moment."""
    shown, following = page_of(found, limit, lambda one: str(Moment(one["received_at"], str(one[key]))))
    return unkept({name: shown, "next": following})


def place_of(after: str, read: Callable[[str], T]) -> tuple[datetime, T] | None:
    """Behind what a page begins. Raises `Problem` 422 for what is no `next` of ours."""
    try:
        moment = Moment.read(after) if after else None
        return None if moment is None else (moment.at, read(moment.name))
    except ValueError:
        raise Problem(422, "invalid-request", "The after is not the next of a page.") from None
