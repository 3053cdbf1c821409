"""Where further channels reach a customer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.cart.domain.customers.profile import Contact, Handle, Profile, handles_since
from tests.unit.cart.carts import NOON

NO_ID = UUID(int=0)
EARLIER = NOON - timedelta(days=3)


def handle(**known: Any) -> Handle:
    return Handle(**{"handle": "4711"} | known)


def test_whoever_says_where_a_channel_reaches_them_has_not_agreed_yet() -> None:
    assert not handle().consent


@pytest.mark.parametrize(
    ("given", "before", "since"),
    [
        ({"consent": True}, None, NOON),
        ({"consent": True, "consent_at": EARLIER}, None, EARLIER),
        ({"consent": True, "consent_at": NOON + timedelta(days=1)}, None, NOON),
        ({"consent": True}, {"consent": True, "consent_at": EARLIER}, EARLIER),
        ({"consent": True}, {"consent": False, "consent_at": EARLIER}, NOON),
        ({"consent": True}, {"consent": True, "consent_at": EARLIER, "handle": "4712"}, NOON),
        ({"consent": True, "consent_at": NOON}, {"consent": True, "consent_at": EARLIER}, NOON),
        ({"consent": False, "consent_at": EARLIER}, {"consent": True, "consent_at": EARLIER}, None),
    ],
)
def test_a_consent_is_of_when_it_was_given_and_of_no_time_to_come(given: Any, before: Any, since: Any) -> None:
    held = {"telegram": handle(**before)} if before else None
    kept = handles_since({"telegram": handle(**given)}, held, NOON)
    assert kept is not None
    assert (kept["telegram"].consent_at, kept["telegram"].handle) == (since, "4711")


def test_what_is_not_said_stays_and_what_is_said_to_be_none_goes() -> None:
    assert handles_since(None, {"telegram": handle()}, NOON) is None
    assert handles_since({}, {"telegram": handle()}, NOON) == {}


@pytest.mark.parametrize("wrong", ["email", "sms", "Whats", "x" * 33, ""])
def test_a_further_channel_is_none_that_has_a_field_and_a_plain_word(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Contact(handles={wrong: handle()})


@pytest.mark.parametrize("wrong", ["", "a b", "x" * 129, "+12", "\u0661"])
def test_a_handle_is_a_number_or_a_plain_name(wrong: str) -> None:
    with pytest.raises(ValidationError):
        handle(handle=wrong)
    assert handle(handle="+48 22 1234567".replace(" ", "")).handle == "+48221234567"
    assert handle(handle="x" * 128)


def test_a_profile_has_eight_of_them_at_most_and_tells_none_as_nothing() -> None:
    many = {f"c{n}": handle() for n in range(9)}
    with pytest.raises(ValidationError):
        Contact(handles=many)
    assert len(Contact(handles=dict(list(many.items())[:8])).handles or {}) == 8
    nothing: list[dict[str, Handle] | None] = [None, {}]
    for none in nothing:
        profile = Profile(
            store_id="demo", customer_id="anna", version=1, updated_at=NOON, contact=Contact(handles=none)
        )
        assert profile.event(NO_ID).handles is None


def test_what_is_told_is_what_is_kept() -> None:
    contact = Contact(handles={"telegram": handle(consent=True, consent_at=NOON)})
    told = Profile(store_id="demo", customer_id="anna", version=1, updated_at=NOON, contact=contact).event(NO_ID)
    assert told.handles is not None
    assert told.handles["telegram"].model_dump() == {"handle": "4711", "consent": True, "consent_at": NOON}
    assert "4711" not in repr(contact) + repr(told)
