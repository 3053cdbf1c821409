"""Where a message comes back to: an address for each, signed."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.bounce_address import BASE_MOST, bounce_address, bounce_key, returned_to

REMINDER = UUID("5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee")
SECRET, OLDER = b"s" * 32, b"o" * 32
ADDRESS = bounce_address("bounces@shop.example", bounce_key(SECRET, REMINDER))


def test_the_address_names_the_reminder_and_fits_whatever_the_store_s_is():
    assert f"bounces+{REMINDER.hex}-{bounce_key(SECRET, REMINDER)[33:]}@shop.example" == ADDRESS
    longest = bounce_address("b" * BASE_MOST + "@shop.example", bounce_key(SECRET, REMINDER))
    assert len(longest.partition("@")[0]) == 64


@given(st.uuids(), st.binary(min_size=1, max_size=40))
def test_what_we_have_signed_is_read_in_any_case_and_in_brackets(reminder_id: UUID, secret: bytes):
    address = bounce_address("b.o-u_n@shop.example", bounce_key(secret, reminder_id))
    for written in (address, address.upper(), f"<{address}>", f" {address} "):
        assert returned_to(written, [OLDER, secret]) == reminder_id


def test_while_a_secret_is_changed_older_ones_count():
    assert returned_to(ADDRESS, [OLDER, SECRET]) == REMINDER
    assert returned_to(ADDRESS, [OLDER]) is None
    assert returned_to(ADDRESS, []) is None


@pytest.mark.parametrize("number", range(len("bounces+"), ADDRESS.index("@")))
def test_no_digit_can_be_changed(number: int):
    other = "0" if ADDRESS[number] != "0" else "1"
    assert returned_to(ADDRESS[:number] + other + ADDRESS[number + 1 :], [SECRET]) is None


@pytest.mark.parametrize(
    "address",
    ["", "bounces@shop.example", ADDRESS.replace("+", ""), ADDRESS.replace("-", ""), ADDRESS + "x@y", "x+" + ADDRESS],
)
def test_anything_else_is_none(address: str):
    assert returned_to(address, [SECRET]) is None


def test_where_it_arrived_does_not_matter():
    assert returned_to(ADDRESS.replace("shop.example", "relay.example"), [SECRET]) == REMINDER
