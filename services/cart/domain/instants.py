"""Times that shops tell: of these centuries, so that every zone can be added to them and taken away."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _of_our_time(at: datetime) -> datetime:
    if not FIRST <= at < LAST:
        raise ValueError("not a time of these centuries")
    return at


# what is near year 1 or 9999 fits in no other zone, and in no column
Instant = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_of_our_time)]
