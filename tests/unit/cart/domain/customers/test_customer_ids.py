"""Ids of guests are no customers'."""

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.contracts.events import GUESTS
from services.cart.domain.customers.customer_ids import RESERVED, CustomerId, is_guest, of_customer
from services.cart.domain.customers.guest_contact import new_recipient

IDS = TypeAdapter(CustomerId)


def test_what_a_guest_is_called_no_customer_may_be():
    assert is_guest(new_recipient())
    with pytest.raises(ValueError, match=RESERVED):
        of_customer("guest:")
    with pytest.raises(ValidationError, match=RESERVED):
        IDS.validate_python("guest:anna")


def test_nobody_guesses_what_a_guest_is_called():
    one, other = new_recipient(), new_recipient()
    assert one != other
    assert len(bytes.fromhex(one.removeprefix(GUESTS))) == 16, "128 random bits"


@pytest.mark.parametrize("customer_id", ["guest", "guests:anna", "my guest:anna", "Guest:anna", "a" * 200])
def test_what_only_looks_like_it_is_a_customer_s(customer_id: str):
    assert not is_guest(customer_id)
    assert of_customer(customer_id) == IDS.validate_python(customer_id) == customer_id


@pytest.mark.parametrize("customer_id", ["", "a" * 201, "a\x00"])
def test_an_id_is_a_short_text(customer_id: str):
    with pytest.raises(ValidationError):
        IDS.validate_python(customer_id)
