"""The last look at what is set aside for later, and how its message shows it."""

from typing import Any

import pytest

from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.relevance import why_not
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine
from tests.unit.notifier.making import line, reminder, snapshot

KIND = KINDS["saved_items"]


def saved(**known: Any) -> Reminder:
    return reminder(kind="saved_items", template="saved_items", cart_id=None, cart_version=None, **known)


def aside(*lines: SnapshotLine, **known: Any) -> CartSnapshot:
    """A cart of which all is set aside."""
    seen = snapshot(**known)
    return seen.model_copy(
        update={"cart": seen.cart.model_copy(update={"saved": lines, "lines": (), "currency": None})}
    )


MUG, JUG = line(currency="EUR"), line("jug", title="Jug", quantity=3, total=7350, currency="EUR")


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (aside(MUG), None),
        (aside(MUG, JUG, inventory={"mug": 0}), None),
        (aside(MUG, inventory={"mug": 0}), "sold_out"),
        (aside(MUG, inventory={}), None),
        (aside(), "nothing_saved"),
        (snapshot(), "nothing_saved"),
        (aside(MUG, customer_id="eva"), "no_contact"),
        (aside(MUG, recipient=None), "no_contact"),
    ],
)
def test_it_holds_while_some_of_it_is_aside_and_can_be_bought(seen: CartSnapshot, reason: str | None) -> None:
    assert why_not(saved(), seen) == reason


def test_it_shows_what_can_be_bought_of_it_with_its_units() -> None:
    seen = aside(MUG, JUG, inventory={"mug": 0})
    assert KIND.lines(saved(), seen) == (JUG,)
    assert KIND.counted(saved(), seen) == 3


def test_of_several_currencies_it_shows_that_of_what_was_set_aside_last() -> None:
    seen = aside(line("rug", currency="PLN"), MUG, JUG)
    assert KIND.lines(saved(), seen) == (MUG, JUG)
    assert KIND.currency(saved(), seen) == "EUR"
    assert KIND.currency(saved(), aside()) is None


def test_it_is_marketing_of_a_customer_and_no_abandonment() -> None:
    assert (KIND.about, KIND.purpose, KIND.once_a_cart, KIND.latest_cart_only) == (
        "customer",
        "cart_reminders",
        False,
        False,
    )


def test_other_kinds_write_amounts_in_the_currency_of_the_cart() -> None:
    assert KINDS["abandoned_cart"].currency(reminder(), snapshot(currency="PLN")) == "PLN"
