"""What a guest leaves: which of it counts at once, which waits for the address, and what an answer is worth."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.contracts.events import ConsentGiven
from services.cart.domain.customers.guest_contact import (
    UNANSWERED_DAYS,
    Agreement,
    GuestContact,
    Left,
    agreed_by_link,
    confirmed,
    name_recipient,
    unconfirmed,
    without_unanswered,
)
from services.cart.domain.customers.opt_in import GuestContacts, OptIns
from services.cart.domain.customers.profile import Contact
from services.cart.domain.store import Store
from tests.unit.cart.auth.test_authenticator import STORE
from tests.unit.cart.carts import add, cart_of, moment

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MAIL, PHONE = "anna@mail.test", "+48601234567"
OPT_INS = OptIns.read()
BOTH = {"email": MAIL, "phone": PHONE}
SAID = {"email": "Write to me.", "sms": "Text me."}


def left(channels: str = "email sms", policy: GuestContacts = "double_opt_in", **more: Any) -> Left:
    said = [{"channel": channel, "wording": SAID[channel]} for channel in channels.split()]
    given_ = GuestContact.model_validate(BOTH | {"consents": said} | more)
    return Left(given_, "https://shop.test", policy, "pl", "Europe/Warsaw", OPT_INS)


def asked(channel: str, version: int = 3, at: datetime | None = None) -> Agreement:
    return Agreement(channel, SAID[channel], "https://shop.test", NOW, version, at)


def test_where_nobody_is_asked_it_counts_at_once():
    told = left("email", "single_opt_in").agreements({}, None, 7, NOW)
    assert told == [Agreement("email", SAID["email"], "https://shop.test", NOW)]
    assert left("email", "single_opt_in").contact(told) == Contact(
        email=MAIL, phone=PHONE, locale="pl", email_consent=True, handles={}
    )


def test_who_is_asked_has_agreed_to_nothing_yet():
    told = left().agreements({}, None, 7, NOW)
    assert told == [asked("email", 7), asked("sms", 7)]
    contact = left(name="Anna", locale="en", timezone="Europe/London").contact(told)
    assert (contact.email_consent, contact.sms_consent) == (False, False)
    assert (contact.name, contact.locale, contact.timezone) == ("Anna", "en", "Europe/London")
    assert unconfirmed(told) == ("email", "sms")


@pytest.mark.parametrize("where", [{"locale": "de"}, {"timezone": "Europe/Berlin"}, {"country": "DE"}])
def test_where_the_guest_is_goes_before_where_the_store_is(where: dict[str, str]):
    (told,) = left("email", "single_opt_in", **where).agreements({}, None, 7, NOW)
    assert not told.counts
    german = Left(left("email").given, None, "single_opt_in", "de", "Europe/Berlin", OPT_INS)
    assert unconfirmed(german.agreements({}, None, 7, NOW)) == ("email",)
    polish = Left(left("email", country="PL").given, None, "single_opt_in", "de", "Europe/Berlin", OPT_INS)
    assert unconfirmed(polish.agreements({}, None, 7, NOW)) == ()
    for guest in (left("email", country="PL", timezone="Europe/Berlin"), left("email", country="PL", locale="de-DE")):
        there = Left(guest.given, None, "single_opt_in", "pl", "Europe/Warsaw", OPT_INS)
        assert unconfirmed(there.agreements({}, None, 7, NOW)) == ("email",), "the strictest of all that is told"


def test_the_same_address_is_asked_since_when_it_was_and_a_new_one_since_now():
    before = Contact(email=MAIL, phone="+48601000000")
    told = left().agreements({"email": asked("email"), "sms": asked("sms")}, before, 7, NOW)
    assert told == [asked("email", 3), asked("sms", 7)]


def test_an_address_that_has_said_yes_is_not_asked_again_and_another_is():
    held = {"email": asked("email", at=NOW), "sms": asked("sms", at=NOW)}
    told = left().agreements(held, Contact(email=MAIL, phone="+48601000000"), 7, NOW + timedelta(hours=1))
    assert told[0] == held["email"]
    assert (told[1].asked_version, told[1].confirmed_at) == (7, None)
    contact = left().contact(told)
    assert (contact.email_consent, contact.sms_consent) == (True, False)


def test_what_counted_without_an_answer_has_not_been_answered():
    held = {"email": Agreement("email", SAID["email"], None, NOW)}
    (told,) = left("email").agreements(held, Contact(email=MAIL), 7, NOW)
    assert (told.asked_version, told.counts) == (7, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "Anna"},
        {"phone": "601234567"},
        {"email": MAIL, "consents": [{"channel": "sms", "wording": "x"}]},
        {"phone": PHONE, "consents": [{"channel": "email", "wording": "x"}]},
        {"email": MAIL, "consents": [{"channel": "fax", "wording": "x"}]},
        {"email": MAIL, "consents": [{"channel": "whatsapp", "wording": "x"}]},
        {"handles": {}},
        {"handles": {"sms": PHONE}},
        {"handles": {"email": MAIL}},
        {"handles": {"whatsapp": "+1"}},
        {"handles": dict.fromkeys(("a", "b", "c", "d"), "4711")},
    ],
)
def test_a_consent_needs_its_address_and_a_contact_one_at_least(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        GuestContact.model_validate(wrong)


def test_an_answer_is_the_consent_of_its_moment():
    contact = confirmed(Contact(email=MAIL, phone=PHONE), "sms", NOW)
    assert (contact.sms_consent, contact.sms_consent_at, contact.email_consent) == (True, NOW, False)
    contact = confirmed(contact, "email", NOW)
    assert (contact.email_consent, contact.email_consent_at, contact.phone) == (True, NOW, PHONE)


def test_of_addresses_that_do_not_answer_only_what_was_agreed_to_otherwise_stays():
    contact = Contact(email=MAIL, phone=PHONE, email_consent=True, handles={})
    kept = without_unanswered(contact, [Agreement("email", "x", None, NOW), asked("sms")])
    assert kept == contact.model_copy(update={"phone": None})
    kept = without_unanswered(contact, [asked("email"), asked("sms", at=NOW)])
    assert kept == contact.model_copy(update={"email": None})
    assert without_unanswered(contact, [asked("email"), asked("sms")]) is None
    assert without_unanswered(contact, []) is None
    assert timedelta(days=4) == UNANSWERED_DAYS


def test_who_has_agreed_four_days_ago_and_has_not_answered_is_unanswered():
    since = Agreement("email", "x", None, NOW, 1)
    assert not since.is_unanswered(NOW + UNANSWERED_DAYS)
    assert since.is_unanswered(NOW + UNANSWERED_DAYS + timedelta(microseconds=1))
    assert not asked("email", at=NOW).is_unanswered(NOW + UNANSWERED_DAYS * 2)
    assert not Agreement("email", "x", None, NOW).is_unanswered(NOW + UNANSWERED_DAYS * 2)


@given(st.lists(st.tuples(st.sampled_from([MAIL, "other@mail.test"]), st.booleans()), min_size=1, max_size=8))
def test_a_consent_counts_only_for_the_address_that_said_yes(steps: list[tuple[str, bool]]):
    """Whatever is left, corrected and answered in which order: no address counts that has not answered itself."""
    held, before, answered = dict[str, Agreement](), None, set[str]()
    for version, (address, answers) in enumerate(steps, start=1):
        told = left("email", email=address).agreements(held, before, version, NOW)
        before = left("email", email=address).contact(told)
        if answers:
            answered.add(address)
            told = [asked("email", one.asked_version or 0, NOW) for one in told]
        held = {one.channel: one for one in told}
        assert not held["email"].counts or address in answered


def test_what_is_left_stays_out_of_logs():
    shown = repr(left("email", email=MAIL, phone="+48601234567", name="Anna Nowak"))
    assert not [part for part in (MAIL, "601234567", "Nowak") if part in shown]


def test_events_tell_who_is_written_to_about_a_guests_cart_and_of_no_customers():
    change = name_recipient(cart_of(add("tea"), customer_id=None), "guest:0f", moment(9))
    assert (change.event.recipient_id, change.event.customer_id) == ("guest:0f", None)
    theirs = name_recipient(cart_of(add("tea")), "guest:0f", moment(9))
    assert (theirs.event.recipient_id, theirs.event.customer_id) == (None, "anna")


def test_a_guest_agrees_to_five_things_at_once_and_no_more():
    assert len(left("email sms email sms email").given.consents) == 5
    with pytest.raises(ValidationError, match="at most 5"):
        left("email sms email sms email sms")


def by_link(channel: str = "email") -> ConsentGiven:
    return ConsentGiven(
        event_id=UUID(int=1),
        occurred_at=NOW,
        store_id="shop",
        customer_id="anna",
        channel=channel,
        profile_version=6,
        reminder_id=UUID(int=2),
        page="preference_centre",
        wording="May we?",
        given_at=NOW,
    )


@pytest.mark.parametrize(
    ("channel", "contact", "store", "asked_since"),
    [
        ("email", {"locale": "pl"}, {}, None),
        ("email", {"locale": "pl"}, {"guest_contacts": "double_opt_in"}, 7),
        ("email", {"locale": "de"}, {}, 7),
        ("email", {"locale": "pl", "timezone": "Europe/Berlin"}, {}, 7),
        ("email", {"locale": "pl"}, {"time_zone": "Europe/Berlin"}, 7),
        ("email", {"locale": "pl", "country": "DE", "region": "BE"}, {}, 7),
        ("email", {"locale": "de", "country": "AT"}, {"time_zone": "Europe/Berlin"}, None),
        ("email", {"locale": "pl", "timezone": "Europe/Warsaw"}, {"time_zone": "Europe/Berlin"}, None),
        ("sms", {"locale": "pl"}, {}, 7),
    ],
)
def test_who_agrees_at_a_link_is_asked_first_where_store_or_country_want_it(
    channel: str, contact: dict[str, Any], store: dict[str, Any], asked_since: int | None
) -> None:
    shop = Store.model_validate(STORE | store)
    known = Contact.model_validate(BOTH | contact)
    agreed = agreed_by_link(known, by_link(channel), shop, OPT_INS, 7)
    assert agreed == Agreement(channel, "May we?", "preference_centre", NOW, asked_since)


@pytest.mark.parametrize(
    ("channel", "contact"),
    [
        ("email", {"email_consent": True}),
        ("sms", {"sms_consent": True}),
        ("email", {"email": None}),
        ("sms", {"phone": None}),
        ("telegram", {}),
    ],
)
def test_what_was_agreed_to_or_has_no_address_is_not_agreed_to_at_a_link(channel: str, contact: dict[str, Any]) -> None:
    known = Contact.model_validate(BOTH | {"locale": "pl"} | contact)
    assert agreed_by_link(known, by_link(channel), Store.model_validate(STORE), OPT_INS, 7) is None
