"""Where a page of a list that goes by time begins."""

from datetime import datetime
from uuid import UUID

from libs.http.paging import Moment
from libs.http.problems import Problem


def place_of(after: str) -> tuple[datetime, UUID] | None:
    """Behind what a page begins. Raises `Problem` 422 for what is no `next` of ours."""
    try:
        moment = Moment.read(after) if after else None
        return None if moment is None else (moment.at, UUID(moment.name))
    except ValueError:
        raise Problem(422, "invalid-request", "The after is not the next of a page.") from None
