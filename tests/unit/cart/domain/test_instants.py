"""Times that shops tell."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from services.cart.domain.instants import Instant

TOLD = TypeAdapter(Instant)
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("at", [FIRST, LAST - timedelta(microseconds=1)])
def test_a_time_of_these_centuries_is_one(at: datetime) -> None:
    assert TOLD.validate_python(at) == at


@pytest.mark.parametrize("at", [FIRST - timedelta(microseconds=1), LAST, datetime(2026, 1, 1)])  # noqa: DTZ001 - naive
def test_any_other_and_one_without_a_zone_is_none(at: datetime) -> None:
    with pytest.raises(ValidationError):
        TOLD.validate_python(at)
