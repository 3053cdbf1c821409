from datetime import UTC, datetime, timedelta

import pytest

from libs.http.paging import Moment, page_of

AT = datetime(2026, 11, 22, 10, 15, 0, 123456, UTC)


@pytest.mark.parametrize(
    ("found", "page", "following"),
    [([], [], None), ([1], [1], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2], "2")],
)
def test_one_item_too_many_says_that_a_page_follows(found: list[int], page: list[int], following: str | None):
    assert page_of(found, 2, str) == (page, following)


@pytest.mark.parametrize("at", [AT, AT.replace(microsecond=0), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_moment_is_read_as_it_was_told(at: datetime):
    place = Moment(at, "SM01.b")
    assert Moment.read(str(place)) == place


def test_the_last_moment_that_is_taken_is_in_the_calendar():
    latest = Moment.read(f"{'9' * 16}.x")
    assert latest.at == datetime(2286, 11, 20, 17, 46, 39, 999999, UTC)
    assert str(Moment(latest.at + timedelta(microseconds=1), "x")) == f"1{'0' * 16}.x"


@pytest.mark.parametrize(
    "text", ["", ".", "1", "1.", ".x", "x.y", "-1.x", "1e3.x", f"{'1' * 17}.x", "\u0661.x", "\u00b2.x", "1 .x"]
)
def test_what_no_page_told_is_refused(text: str):
    with pytest.raises(ValueError, match="no place"):
        Moment.read(text)
