"""What a customer has agreed to, and what proves it."""

from datetime import UTC, datetime, timedelta

from services.cart.domain.customers.consents import KnownConsent, known_consents
from services.cart.domain.customers.profile import Contact, Handle

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PROOF = {
    "channel": "email",
    "agreed_at": NOON,
    "wording": "Remind me.",
    "page": "https://shop.example",
    "asked": True,
    "confirmed_at": NOON + timedelta(minutes=5),
    "confirmed_wording": "Do you want reminders?",
}


def test_of_what_the_store_told_only_the_time_is_known():
    handles = {"telegram": Handle(handle="4711", consent=True, consent_at=NOON), "whatsapp": Handle(handle="4712")}
    contact = Contact(phone="+4915112345678", sms_consent=True, email_consent=False, handles=handles)
    assert known_consents(contact, []) == [
        KnownConsent("sms", counts=True, agreed_at=None),
        KnownConsent("telegram", counts=True, agreed_at=NOON),
    ]


def test_words_that_were_agreed_to_here_go_before_what_the_store_told():
    contact = Contact(email="a@shop.example", email_consent=True, email_consent_at=NOON + timedelta(days=1))
    (known,) = known_consents(contact, [PROOF])
    assert (known.counts, known.agreed_at, known.wording, known.asked) == (True, NOON, "Remind me.", True)
    assert (known.page, known.confirmed_at) == ("https://shop.example", NOON + timedelta(minutes=5))
    assert known.confirmed_wording == "Do you want reminders?"


def test_a_proof_outlives_the_consent_and_counts_no_more():
    (withdrawn,) = known_consents(Contact(email="a@shop.example"), [PROOF])
    (unknown,) = known_consents(None, [PROOF])
    assert (withdrawn.counts, unknown.counts) == (False, False)


def test_nothing_is_known_of_who_never_agreed():
    assert known_consents(None, []) == []
    assert known_consents(Contact(email="a@shop.example"), []) == []
