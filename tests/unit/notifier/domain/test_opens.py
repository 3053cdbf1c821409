"""The picture by which opens are counted: its link, who fetches it ahead, and of whom it may be counted."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.laws import LawFile, Laws
from services.notifier.domain.opens import UNCOUNTED, fetched_ahead, may_count, open_key, opened
from services.notifier.domain.reminder import Contact
from tests.unit.notifier.making import contact, store

SECRET, OTHER = b"s" * 32, b"t" * 32
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
AHEAD_OF_GMAIL = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)
LATER = timedelta(minutes=3)
LAWS = Laws.read()


@given(reminder_id=st.uuids())
def test_a_key_names_its_letter_to_whoever_has_signed_it(reminder_id: UUID) -> None:
    key = open_key(SECRET, reminder_id)
    assert opened(key, [SECRET]) == opened(key, [OTHER, SECRET]) == reminder_id
    assert opened(key, [OTHER]) is opened(key, []) is None
    assert reminder_id.hex in key, "it is no secret: it opens nothing"


@pytest.mark.parametrize("given_key", ["", "x" * 48, "0" * 48, "0" * 47, "0" * 49])
def test_what_nobody_has_signed_names_no_letter(given_key: str) -> None:
    assert opened(given_key, [SECRET]) is None


def test_a_key_with_more_or_another_letter_is_none() -> None:
    key, other = open_key(SECRET, UUID(int=1)), open_key(SECRET, UUID(int=2))
    assert [opened(one, [SECRET]) for one in (key + "0", "0" + key, key[:32] + other[32:], key.upper() + "A")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("agent", "who"),
    [
        ("Mozilla/5.0", "apple_mail"),
        (GMAIL, "gmail"),
        ("Mozilla/5.0 (via ggpht.com)", "gmail"),
        (AHEAD_OF_GMAIL, "gmail"),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "yahoo"),
        ("", "scanner"),
        ("curl/8.4.0", "scanner"),
        (PHONE, None),
        ("Mozilla/5x0", None),
    ],
)
def test_known_fetchers_are_told_apart(agent: str, who: str | None) -> None:
    assert fetched_ahead("GET", {"user-agent": agent}, LATER) == who


def test_a_picture_is_fetched_ahead_by_what_is_no_person_s_click_either() -> None:
    assert fetched_ahead("HEAD", {"user-agent": PHONE}, LATER) == "head"
    assert fetched_ahead("GET", {"user-agent": PHONE, "purpose": "prefetch"}, LATER) == "prefetch"
    assert fetched_ahead("GET", {"user-agent": PHONE}, timedelta(seconds=9)) == "first_seconds"
    assert fetched_ahead("HEAD", {"user-agent": GMAIL}, timedelta()) == "gmail", "who it is goes before all else"
    assert fetched_ahead("GET", {}, LATER) == "scanner"


def asks(zone_of_store: str = "UTC", **known: str | None) -> bool:
    who = contact(**{"phone": None} | known)
    return LAWS.pixel_asks(who.locale, who.phone, who.timezone, zone_of_store, who.country)


@pytest.mark.parametrize(
    ("known", "wants"),
    [
        ({"timezone": "Europe/Paris"}, True),
        ({"timezone": "Europe/Rome"}, True),
        ({"timezone": "Europe/Berlin"}, False),
        ({"timezone": "America/New_York"}, False),
        ({"phone": "+33612345678"}, True),
        ({"phone": "+4915112345678"}, False),
        ({"phone": "+4915112345678", "timezone": "Europe/Paris"}, True),
        ({"phone": "+33612345678", "timezone": "Europe/Berlin"}, True),
        ({"locale": "fr-FR", "timezone": "Europe/Berlin"}, True),
        ({"locale": "it_IT"}, True),
        ({"locale": "fr-CA"}, False),
        ({"locale": "sr-Latn-RS"}, False),
        ({"locale": "fr"}, True),
        ({"locale": "it"}, True),
        ({"locale": "fr", "timezone": "America/Montreal"}, True),
        ({"locale": "fr", "timezone": "America/Toronto"}, False),
        ({"country": "FR", "timezone": "Europe/Berlin"}, True),
        ({"country": "DE"}, False),
        ({"country": "CA", "locale": "fr"}, False),
        ({"country": "DE", "phone": "+33612345678"}, True),
        ({"locale": "en"}, True),
        ({"locale": "sr-Latn"}, True),
        ({"locale": "en", "timezone": "UTC"}, True),
        ({"locale": "en", "phone": "not a number"}, True),
    ],
)
def test_a_consent_of_its_own_is_wanted_wherever_somebody_may_be_where_it_is(known, wants) -> None:
    assert asks(**known) == wants


def test_the_store_s_zone_counts_where_nothing_else_tells() -> None:
    assert not asks("Europe/Berlin", locale="en")
    assert asks("Europe/Paris", locale="en")
    assert asks("Europe/Berlin", locale="fr"), "of a language the strictest country counts"
    assert not asks("Europe/Paris", timezone="Europe/Berlin")
    assert not asks("Europe/Paris", locale="en-US")


def test_a_file_that_says_nothing_of_pixels_wants_a_consent_everywhere_and_one_that_names_none_nowhere() -> None:
    silent, none = (Laws(LawFile.model_validate({"reviewed": "2026-12-01"} | more)) for more in ({}, {"pixels": ()}))
    assert silent.pixel_asks("en-US", None, "America/New_York", "UTC")
    assert not none.pixel_asks("fr-FR", None, "Europe/Paris", "UTC")


ABROAD, AT_HOME = contact(timezone="Europe/Berlin"), contact(timezone="Europe/Paris", phone=None)


def saying(who: Contact, consent: bool | None) -> Contact:
    return contact(timezone=who.timezone, phone=who.phone, pixel_consent=consent)


@pytest.mark.parametrize(
    ("counts", "who", "may"),
    [
        (None, saying(ABROAD, True), False),
        (False, saying(ABROAD, True), False),
        (None, ABROAD, False),
        (True, ABROAD, True),
        (True, saying(ABROAD, True), True),
        (True, saying(ABROAD, False), False),
        (True, AT_HOME, False),
        (True, saying(AT_HOME, True), True),
        (True, saying(AT_HOME, False), False),
    ],
)
def test_opens_are_counted_where_the_store_wants_it_and_they_let_it(counts, who, may) -> None:
    assert may_count(store(count_opens=counts), who, LAWS) == may


def test_without_laws_nobody_is_counted_who_has_not_agreed() -> None:
    assert not may_count(store(count_opens=True), ABROAD, None)
    assert may_count(store(count_opens=True), saying(ABROAD, True), None)


def test_what_tells_of_an_order_and_what_asks_bears_no_picture() -> None:
    assert set(UNCOUNTED) == {"transactional", "confirmation"}
