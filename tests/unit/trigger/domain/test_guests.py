"""A guest who has left an address is reminded like a customer, unless a campaign says otherwise."""

import pytest

from services.trigger.domain.backtest import decisions
from services.trigger.domain.carts import apply
from tests.unit.trigger.making import added, after, campaigns, claimed

GUEST = "guest:0f"
FILE = """
campaigns:
  - name: cart
    kind: abandoned_cart
    enter: {guests: %s}
    steps: [{delay: 1h, channels: [email], template: t}]
"""


def of_guest(recipient: str | None = GUEST):
    return added(customer=None).model_copy(update={"recipient_id": recipient})


@pytest.mark.parametrize(
    ("guests", "recipient", "expected"),
    [
        ("with_contact", GUEST, (GUEST, "idle")),
        ("with_contact", None, (None, "anonymous")),
        ("none", GUEST, (GUEST, "guest")),
        ("none", None, (None, "anonymous")),
    ],
)
def test_guests_take_part_who_have_left_an_address(guests, recipient, expected):
    (one,) = decisions([of_guest(recipient)], campaigns(FILE % guests), after(hours=1))
    assert (one.customer_id, one.reason) == expected


def test_customers_take_part_whatever_is_said_of_guests():
    (one,) = decisions([added()], campaigns(FILE % "none"), after(hours=1))
    assert one.reason == "idle"


def test_at_a_log_in_the_cart_is_the_customers():
    state = apply(apply(None, of_guest()), claimed())
    assert (state.customer_id, state.of_guest) == ("anna", False)
    assert apply(None, of_guest()).of_guest
    assert apply(None, of_guest(None)).of_guest
