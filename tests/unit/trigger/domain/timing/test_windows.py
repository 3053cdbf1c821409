"""Hours and days at which steps may go out, over changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.trigger.domain.timing.windows import Window, instant

WARSAW = "Europe/Warsaw"
ZONES = (WARSAW, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def window(**fields: object) -> Window:
    return Window.model_validate({"zone": WARSAW} | fields)


def at(text: str, zone: str = WARSAW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "opens", "closes"),
    [
        ("2026-03-02T08:59", "2026-03-02T09:00", "2026-03-02T20:00"),
        ("2026-03-02T09:00", "2026-03-02T09:00", "2026-03-02T20:00"),
        ("2026-03-02T19:59:59", "2026-03-02T19:59:59", "2026-03-02T20:00"),
        ("2026-03-02T20:00", "2026-03-03T09:00", "2026-03-03T20:00"),
        ("2026-03-07T20:00", "2026-03-09T09:00", "2026-03-09T20:00"),
        ("2026-03-08T12:00", "2026-03-09T09:00", "2026-03-09T20:00"),
    ],
)
def test_a_shop_that_writes_by_day_and_not_on_sundays(asked: str, opens: str, closes: str) -> None:
    shop = window(between=["09:00", "20:00"], days="mon-sat")
    assert shop.open_from(at(asked)) == (at(opens), at(closes))


@pytest.mark.parametrize(
    ("asked", "opens", "closes"),
    [
        ("2026-03-07T01:00", "2026-03-07T01:00", "2026-03-07T02:00"),
        ("2026-03-07T02:00", "2026-03-13T22:00", "2026-03-14T02:00"),
        ("2026-03-06T21:00", "2026-03-06T22:00", "2026-03-07T02:00"),
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_opens(asked: str, opens: str, closes: str) -> None:
    late = window(between=["22:00", "02:00"], days="fri")
    assert late.open_from(at(asked)) == (at(opens), at(closes))


def test_days_alone_are_whole_days() -> None:
    weekend = window(days=["sat", "sun"])
    assert weekend.open_from(at("2026-03-04T10:00")) == (at("2026-03-07T00:00"), at("2026-03-09T00:00"))
    assert window(days="fri-mon").days == {4, 5, 6, 0}
    assert window().days == set(range(7))


def test_a_time_that_is_left_out_is_the_first_instant_after_the_gap() -> None:
    spring = date(2026, 3, 29)
    first = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert instant(spring, time(2, 30), ZoneInfo(WARSAW)) == first
    assert instant(spring, time(2, 0), ZoneInfo(WARSAW)) == first
    assert instant(spring, time(3, 0), ZoneInfo(WARSAW)) == first
    assert instant(spring, time(1, 59), ZoneInfo(WARSAW)) == first - timedelta(minutes=1)
    # half an hour is left out there
    assert instant(date(2026, 10, 4), time(2, 15), ZoneInfo("Australia/Lord_Howe")) == datetime(
        2026, 10, 3, 15, 30, tzinfo=UTC
    )


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    assert instant(date(2026, 10, 25), time(2, 30), ZoneInfo(WARSAW)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_window_that_a_gap_swallows_opens_on_the_next_day() -> None:
    small = window(between=["02:10", "02:40"])
    assert small.open_from(at("2026-03-29T00:00")) == (at("2026-03-30T02:10"), at("2026-03-30T02:40"))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"between": ["9:00", "20:00"]}, "write a time of day in quotes"),
        ({"between": [540, "20:00"]}, "write a time of day in quotes"),
        ({"between": ["24:00", "20:00"]}, "write a time of day in quotes"),
        ({"between": ["09:00", "09:00"]}, "starts when it ends"),
        ({"days": "monday"}, "write days such as"),
        ({"days": "mon-"}, "write days such as"),
        ({"days": []}, "name a day at least"),
        ({"zone": "Europe/Warschau"}, "not a time zone"),
        ({"open": "09:00"}, "Extra inputs"),
    ],
)
def test_what_no_window_is(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        window(**fields)


clocks = st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it wants


@given(clocks, clocks, st.sets(st.integers(0, 6), min_size=1), st.sampled_from(ZONES), moments)
def test_over_a_year_in_four_zones_it_is_open_then_and_was_closed_before(
    start: time, end: time, days: set[int], zone: str, moment: datetime
) -> None:
    if start == end:
        end = start.replace(minute=(start.minute + 1) % 60)
    found = Window(between=(start, end), days=frozenset(days), zone=zone)
    opens, closes = found.open_from(moment)
    assert closes is not None, "it closes at some time of the day"
    assert moment <= opens < closes
    assert closes - opens <= timedelta(hours=25)
    assert found.open_from(opens) == (opens, closes), "whoever waits until then is not sent on"
    assert found.open_from(closes - timedelta(seconds=1))[1] == closes
    if opens > moment:
        assert opens - moment <= timedelta(days=9)
        assert found.open_from(opens - timedelta(seconds=1))[0] == opens, "it was closed until then"


def test_every_time_that_a_change_of_the_clocks_leaves_out_is_the_first_second_after_it() -> None:
    for zone, day, hour, first in (
        (WARSAW, date(2026, 3, 29), 2, datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 3, 8), 2, datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
    ):
        assert {instant(day, time(hour, minute, 7), ZoneInfo(zone)) for minute in range(60)} == {first}
        assert instant(day, time(hour, 30, 0, 1), ZoneInfo(zone)) == first


def test_a_window_without_a_word_is_always_open_and_has_no_zone_of_its_own() -> None:
    always = Window()
    assert (always.between, always.days, always.zone) == ((time(0), time(0)), frozenset(range(7)), None)
    assert window(between=["00:00", "00:00"]).between == (time(0), time(0))
    assert window().open_from(at("2026-03-02T10:00")) == (at("2026-03-02T10:00"), None)


def test_days_are_named_one_by_one_or_from_one_to_another() -> None:
    assert window(days="wed").days == {2}
    assert window(days=["sun-mon", "thu"]).days == {6, 0, 3}
    assert window(days="tue-mon").days == set(range(7))
    assert window(days="mon-fri").model_dump(mode="json")["days"] == ["mon", "tue", "wed", "thu", "fri"]
    assert window(between=["09:05", "20:00"]).model_dump(mode="json")["between"] == ["09:05", "20:00"]


@pytest.mark.parametrize("between", [["00:00", "00:00"], None])
@given(st.sampled_from(ZONES), moments)
def test_a_window_of_all_day_every_day_never_closes(between: list[str] | None, zone: str, moment: datetime) -> None:
    always = Window.model_validate({"zone": zone} | ({"between": between} if between else {}))
    assert always.open_from(moment) == (moment, None)


whole_days = st.sets(st.integers(0, 6), min_size=1, max_size=6)


@given(whole_days, st.sampled_from((*ZONES, "America/Havana", "Asia/Beirut")), moments)
def test_whole_days_that_follow_each_other_are_one_window(days: set[int], zone: str, moment: datetime) -> None:
    """Also where the clocks change at midnight."""
    place = ZoneInfo(zone)
    opens, closes = Window(days=frozenset(days), zone=zone).open_from(moment)
    assert closes is not None
    first, last = opens.astimezone(place).date(), closes.astimezone(place).date() - timedelta(days=1)
    assert opens == (moment if moment.astimezone(place).weekday() in days else instant(first, time(0), place))
    assert closes == instant(last + timedelta(days=1), time(0), place)
    assert {(first + timedelta(days=number)).weekday() for number in range((last - first).days + 1)} <= days
    assert (last + timedelta(days=1)).weekday() not in days


@pytest.mark.parametrize(
    ("days", "closes"),
    [("mon", "2026-03-24T00:00"), ("mon-sat", "2026-03-29T00:00"), (["mon", "wed"], "2026-03-24T00:00")],
)
def test_it_closes_after_the_last_of_its_days_in_a_row(days: object, closes: str) -> None:
    assert window(days=days).open_from(at("2026-03-23T10:00")) == (at("2026-03-23T10:00"), at(closes))


def test_until_midnight_ends_at_midnight_where_it_does_not_open_then() -> None:
    assert window(between=["09:00", "00:00"]).open_from(at("2026-03-28T23:50")) == (
        at("2026-03-28T23:50"),
        at("2026-03-29T00:00"),
    )
