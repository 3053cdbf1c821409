"""What laws and carriers want of a text message, by where its recipient is."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.files.toml_file import TomlFileError
from libs.policy.laws import NOTHING, SHIPPED, Demands, Law, LawFile, Laws

NEW_YORK, LOS_ANGELES, PARIS = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles"), ZoneInfo("Europe/Paris")
AMERICAN, FRENCH, GERMAN, TOLL_FREE = "+12125551234", "+33612345678", "+4915112345678", "+18005551234"
LAWS = Laws.read()
US = {"country": "US", "source": "a test", "hours": "09:00-21:00"}


def law(**known) -> Law:
    return Law.model_validate({"country": "US", "source": "a test", **known})


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-12-01 09:59", "2026-12-01 10:00"),
        ("2026-12-01 10:00", "2026-12-01 10:00"),
        ("2026-12-01 17:59:59", "2026-12-01 17:59:59"),
        ("2026-12-01 18:00", "2026-12-02 10:00"),
        ("2026-12-05 17:00", "2026-12-07 10:00"),  # Saturday; Sunday is none in three states
        ("2026-12-06 12:30", "2026-12-07 10:00"),
    ],
)
def test_where_the_state_is_not_known_the_strictest_of_the_country_holds(now: str, opens: str):
    assert LAWS.demands(AMERICAN, None).opens(at(now)) == at(opens)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-12-01 07:59", "2026-12-01 08:00"),
        ("2026-12-01 19:59", "2026-12-01 19:59"),
        ("2026-12-01 20:00", "2026-12-02 08:00"),
        ("2026-12-06 08:00", "2026-12-06 08:00"),
    ],
)
def test_the_zone_of_the_profile_says_the_clock_and_which_states_count(now: str, opens: str):
    demands = LAWS.demands(AMERICAN, "America/Los_Angeles")
    assert demands.opens(at(now, LOS_ANGELES)) == at(opens, LOS_ANGELES)


def test_a_zone_leaves_the_rules_of_all_states_in_force_that_keep_it():
    all_states = set(LAWS.demands(AMERICAN, None).laws)
    assert {one.states for one in all_states - set(LAWS.demands(AMERICAN, "America/New_York").laws)} == {
        frozenset({"TX"})
    }
    somewhere = Laws(LawFile.model_validate({"reviewed": "2026-12-01", "laws": [{**US, "states": ["TX"]}]}))
    assert len(somewhere.demands(AMERICAN, "America/New_York").laws) == 1, (
        "a zone that is not in the file is any state's"
    )
    assert len(LAWS.demands(AMERICAN, "America/Los_Angeles").laws) == 3


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-12-24 20:00", "2026-12-26 08:30"),  # after Christmas, a Saturday
        ("2026-12-26 20:00", "2026-12-28 08:30"),  # Sunday
        ("2026-07-14 12:00", "2026-07-15 08:30"),
        ("2026-12-01 08:29", "2026-12-01 08:30"),
    ],
)
def test_in_france_there_are_no_texts_on_sundays_and_holidays(now: str, opens: str):
    assert LAWS.demands(FRENCH, None).opens(at(now, PARIS)) == at(opens, PARIS)


def test_where_no_law_is_known_a_text_may_always_go():
    demands = LAWS.demands(GERMAN, "Europe/Berlin")
    assert demands == NOTHING
    assert demands.opens(at("2026-12-06 03:00")) == at("2026-12-06 03:00")
    assert (demands.once_an_abandonment, demands.within) == (False, None)
    assert Laws(LawFile.model_validate({"reviewed": "2026-12-01"})).demands(AMERICAN, None) == NOTHING


def test_who_is_in_another_country_than_their_number_has_the_laws_of_both():
    demands = LAWS.demands(FRENCH, "America/Los_Angeles")
    assert {one.country for one in demands.laws} == {"FR", "US"}
    assert demands.zones == (LOS_ANGELES,)
    assert {one.country for one in LAWS.demands(GERMAN, "Europe/Paris").laws} == {"FR"}


def test_a_number_that_may_be_anywhere_in_its_country_waits_for_all_of_its_zones():
    demands = LAWS.demands(TOLL_FREE, None)
    assert {"America/New_York", "Pacific/Honolulu"} <= {zone.key for zone in demands.zones}
    assert not {"America/Toronto", "America/Barbados"} & {zone.key for zone in demands.zones}
    assert demands.opens(at("2026-12-01 10:00")) == at("2026-12-01 15:00")  # ten in Honolulu, three in New York


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", None])
def test_a_zone_that_nobody_knows_is_none(zone: str | None):
    assert LAWS.demands(AMERICAN, zone) == LAWS.demands(AMERICAN, None)


@pytest.mark.parametrize("phone", ["0151 1234", "", "+999123"])
def test_a_number_that_nobody_can_read_has_the_laws_of_its_profiles_zone(phone: str):
    assert LAWS.demands(phone, None) == NOTHING
    assert {one.country for one in LAWS.demands(phone, "Europe/Paris").laws} == {"FR"}


def test_carriers_take_one_text_an_abandonment_within_two_days():
    demands = LAWS.demands(AMERICAN, None)
    assert (demands.once_an_abandonment, demands.within) == (True, timedelta(hours=48))
    shorter = Demands((law(within_hours=48), law(within_hours=12)))
    assert shorter.within == timedelta(hours=12)
    assert not shorter.once_an_abandonment


def test_windows_that_never_open_together_are_no_windows():
    morning, evening = law(hours="08:00-09:00"), law(hours="20:00-21:00")
    assert Demands((morning, evening), (NEW_YORK,)).opens(at("2026-12-01 08:00")) is None
    never = law(hours="08:00-09:00", saturday="none", sunday="none", holidays="none")
    assert Demands((never,), (NEW_YORK,)).opens(at("2026-12-05 08:00")) == at("2026-12-07 08:00")


def test_a_day_without_a_rule_is_open_from_midnight():
    no_sundays = law(sunday="none")
    assert no_sundays.opens(at("2026-12-06 15:00"), NEW_YORK) == at("2026-12-07 00:00")
    assert no_sundays.opens(at("2026-12-05 23:00"), NEW_YORK) == at("2026-12-05 23:00")


def test_the_hours_of_saturdays_are_not_those_of_sundays():
    weekend = law(hours="08:00-20:00", saturday="10:00-12:00", sunday="13:00-14:00")
    moments = [("2026-12-04 21:00", "2026-12-05 10:00"), ("2026-12-05 12:00", "2026-12-06 13:00")]
    assert [weekend.opens(at(now), NEW_YORK) for now, _ in moments] == [at(opens) for _, opens in moments]


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from([AMERICAN, FRENCH, TOLL_FREE]))
def test_whatever_the_hour_it_opens_later_and_is_open_then(minutes: int, phone: str):
    """Over changes to summer time and back, in every zone of the number."""
    demands, now = LAWS.demands(phone, None), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = demands.opens(now)
    assert opens is not None
    assert now <= opens < now + timedelta(days=5)
    assert demands.opens(opens) == opens
    for zone in demands.zones:
        local = opens.astimezone(zone)
        assert local.weekday() != 6
        assert time(8) <= local.time() < time(20)


def test_the_shipped_file_says_when_it_was_reviewed_and_where_each_rule_comes_from():
    import tomllib

    told = LawFile.model_validate(tomllib.loads(SHIPPED.read_text()))
    assert told.reviewed.year >= 2026
    assert all(one.source for one in told.laws)
    assert {state for one in told.laws for state in one.states} <= {
        state for states in told.states_of_zones.values() for state in states
    } | {"FL", "MA", "MD", "ME", "NJ", "CT", "RI"}, "a state of no zone is any that is not in the table"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("laws = [", ""),
        ("", "reviewed: Field required"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'us'\nsource = 'x'", "laws.0.country"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'US'", "laws.0.source: Field required"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'US'\nsource = 'x'\nhours = '20:00-08:00'", "laws.0.hours"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'US'\nsource = 'x'\nhours = 'none'", "laws.0.hours"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'US'\nsource = 'x'\nsundays = 'none'", "laws.0.sundays"),
        ("reviewed = 2026-12-01\n[[laws]]\ncountry = 'US'\nsource = 'x'\nwithin_hours = 0", "laws.0.within_hours"),
    ],
)
def test_a_file_that_can_not_be_followed_is_refused_in_words(tmp_path: Path, text: str, said: str):
    path = tmp_path / "laws.toml"
    path.write_text(text)
    with pytest.raises(TomlFileError) as refused:
        Laws.read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path):
    with pytest.raises(TomlFileError, match="No such file"):
        Laws.read(tmp_path / "none.toml")
