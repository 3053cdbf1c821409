"""Which laws hold of whose address tells a country, and by which clock: the address goes first, the strictest holds."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.held_back import Wait
from libs.policy.laws import SHIPPED, LawFile, Laws
from libs.policy.whereabouts import OVERSEAS
from libs.runtime.zones import zones_of_country
from services.notifier.domain.opens import may_count
from services.notifier.domain.policy import Go, check
from tests.unit.notifier.domain.test_policy_laws import MORNING, rules, text
from tests.unit.notifier.making import contact, recipient, store

AMERICAN, FRENCH, GERMAN = "+12125551234", "+33612345678", "+4915112345678"
LAWS = Laws.read()
SUNDAY = "2026-12-06"


def opens(now: str, clock: str, phone: str, zone: str | None, *address: str) -> str | None:
    """When the laws open after a moment, both by a clock."""
    there = ZoneInfo(clock)
    moment = datetime.fromisoformat(now).replace(tzinfo=there).astimezone(UTC)
    found = LAWS.demands(phone, zone, *address).opens(moment)
    return None if found is None else found.astimezone(there).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("region", "clock", "now", "then"),
    [
        ("CA", "America/Los_Angeles", "2026-12-01 20:59", "2026-12-01 20:59"),
        ("CA", "America/Los_Angeles", "2026-12-01 21:00", "2026-12-02 08:00"),
        ("CA", "America/Los_Angeles", f"{SUNDAY} 08:00", f"{SUNDAY} 08:00"),
        ("NY", "America/New_York", "2026-12-01 07:59", "2026-12-01 08:00"),
        ("RI", "America/New_York", "2026-12-01 18:00", "2026-12-02 09:00"),
        ("CT", "America/New_York", "2026-12-01 08:00", "2026-12-01 09:00"),
        ("MS", "America/Chicago", f"{SUNDAY} 12:00", "2026-12-07 08:00"),
        ("HI", "Pacific/Honolulu", "2026-12-01 20:59", "2026-12-01 20:59"),
        # of two clocks both have to be open: Texas from nine in El Paso to nine in Houston
        ("TX", "America/Chicago", "2026-12-01 09:00", "2026-12-01 10:00"),
        ("TX", "America/Chicago", "2026-12-01 21:00", "2026-12-02 10:00"),
    ],
)
def test_the_state_of_an_address_says_which_laws_hold_and_the_clock(region: str, clock: str, now: str, then: str):
    """Whatever the area code: nobody has to live where it is."""
    assert opens(now, clock, AMERICAN, None, "US", region) == then


def test_the_zone_of_the_profile_stays_the_clock_of_who_lives_elsewhere():
    away = LAWS.demands(AMERICAN, "Pacific/Honolulu", "US", "NY")
    assert away.zones == (ZoneInfo("Pacific/Honolulu"),)
    assert away.laws == LAWS.demands(AMERICAN, None, "US", "NY").laws


def test_where_an_address_tells_no_state_the_zone_does_and_else_the_strictest_of_the_country_holds():
    everywhere, unknown = LAWS.demands(AMERICAN, None), LAWS.demands(AMERICAN, None, "US")
    assert unknown == everywhere, "by the clock of the number, which is of that country"
    west = LAWS.demands(AMERICAN, "America/Los_Angeles", "US")
    assert west == LAWS.demands(AMERICAN, "America/Los_Angeles")
    assert len(west.laws) < len(everywhere.laws)


def test_where_the_number_is_another_country_s_the_laws_of_both_hold_by_the_clock_of_the_address():
    both = LAWS.demands(FRENCH, None, "US", "CA")
    assert [one.country for one in both.laws] == ["US", "US", "FR"]
    assert {one.key for one in both.zones} == {"America/Los_Angeles"}
    assert opens(f"{SUNDAY} 12:00", "America/Los_Angeles", FRENCH, None, "US", "CA") == "2026-12-07 08:30"
    german = LAWS.demands(AMERICAN, None, "DE")
    assert german.laws == LAWS.demands(AMERICAN, None).laws, "of the number's country no state is known"
    assert {one.key for one in german.zones} == {"Europe/Berlin", "Europe/Busingen"}
    assert len(LAWS.demands(GERMAN, None, "US").zones) == len(zones_of_country("US")), "of a country alone: anywhere"


@pytest.mark.parametrize(
    ("address", "clock"),
    [
        (("US", "GU"), "Pacific/Guam"),
        (("US", "PR"), "America/Puerto_Rico"),
        (("FR", "974"), "Indian/Reunion"),
        (("FR", "NC"), "Pacific/Noumea"),
    ],
    ids=str,
)
def test_a_territory_overseas_lives_by_its_own_clock(address: tuple[str, str], clock: str):
    """Guam was written to when the states were awake, at four in the morning."""
    found = LAWS.demands("", None, *address)
    assert {one.key for one in found.zones} == {clock}
    assert {law.country for law in found.laws} == {address[0]}


@pytest.mark.parametrize(
    "known", [("", None, "PR"), ("", "Pacific/Guam"), ("+17875551234", None), ("", None, "US", "VI")], ids=str
)
def test_the_laws_of_the_states_of_america_hold_in_their_territories(known: tuple[Any, ...]):
    found = LAWS.demands(*known)
    assert found.once_an_abandonment
    assert found.within == timedelta(hours=48)
    night = datetime(2026, 12, 7, 3, tzinfo=found.zones[0])
    assert found.opens(night) == night.replace(hour=8)


def test_every_territory_overseas_has_clocks():
    assert all(zones_of_country(country) for country in OVERSEAS.values())
    assert LAWS.demands("", None, "XX", "1").laws == ()


@pytest.mark.parametrize("country", ["BV", "HM"])
def test_an_address_where_nobody_keeps_a_clock_lifts_no_hours_of_the_number(country: str):
    """No zone was no hour in which a law is closed: a Frenchman with an address on Bouvet Island had texts at three."""
    assert LAWS.demands(FRENCH, None, country).zones == LAWS.demands(FRENCH, None).zones
    assert opens("2026-12-02 03:00", "Europe/Paris", FRENCH, None, country) == "2026-12-02 08:30"


def test_every_zone_of_the_united_states_is_in_the_file_so_that_an_address_tells_its_clocks():
    import tomllib

    told = LawFile.model_validate(tomllib.loads(SHIPPED.read_text()))
    assert told.states_of_zones.keys() == set(zones_of_country("US"))
    assert len(frozenset().union(*told.states_of_zones.values())) == 51, "fifty and the District of Columbia"


@given(
    phone=st.sampled_from(["", AMERICAN, FRENCH, GERMAN]),
    zone=st.sampled_from([None, "America/New_York", "Europe/Paris", "Europe/Berlin"]),
    address=st.sampled_from([("US",), ("US", "RI"), ("US", "CA"), ("FR",), ("FR", "IDF"), ("DE",)]),
)
def test_no_address_lifts_a_law_of_another_country_that_something_else_tells(phone, zone, address):
    without, with_it = (LAWS.demands(phone, zone, *one).laws for one in ((), address))
    there = address[0]
    assert {one for one in without if one.country != there} == {one for one in with_it if one.country != there}
    assert all(
        not one.states or len(address) == 1 or address[1] in one.states for one in with_it if one.country == there
    )


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ((AMERICAN, None), [("US", "number")]),
        ((AMERICAN, "America/Los_Angeles"), [("US", "zone")]),
        ((AMERICAN, None, "US"), [("US", "address")]),
        ((AMERICAN, "America/Los_Angeles", "US"), [("US", "address"), ("US", "zone")]),
        ((AMERICAN, "America/Los_Angeles", "US", "RI"), [("US", "address")]),
        ((AMERICAN, None, "FR"), [("FR", "address"), ("US", "number")]),
        ((AMERICAN, "Europe/Paris", "DE"), [("FR", "zone"), ("US", "number")]),
        ((GERMAN, None, "DE", "BE"), []),
    ],
    ids=str,
)
def test_each_law_is_named_with_what_tells_that_it_holds(known, told):
    named = LAWS.named(*known)
    assert sorted({(law.country, told_by) for law, told_by in named}) == told
    assert tuple(law for law, _ in named) == LAWS.demands(*known).laws


def test_the_notifier_asks_by_the_address_that_was_told_last():
    anna = contact(phone=AMERICAN)
    assert isinstance(check(text(), recipient(contact=anna), rules(), MORNING), Wait)
    assert check(text(), recipient(contact=anna, country="US", region="NY"), rules(), MORNING) == Go(anna)


def test_opens_are_counted_by_the_address_too():
    counting, berlin = store(count_opens=True), contact(timezone="Europe/Berlin")
    assert may_count(counting, berlin, LAWS)
    assert not may_count(counting, contact(timezone="Europe/Berlin", country="FR"), LAWS)
