"""Whoever reads carts reads all that a decision needs of them."""

import pytest

from services.trigger.db.carts import LOCK_CARTS, READ_CARTS
from services.trigger.db.reach import REACH_COLUMNS
from services.trigger.db.timers import CLAIM
from services.trigger.domain.carts import CartState

BESIDE = {"reach": REACH_COLUMNS}
"""What is kept beside the cart, by the columns that tell it."""


@pytest.mark.parametrize("statement", [LOCK_CARTS, READ_CARTS, CLAIM], ids=["lock", "read", "claim"])
def test_a_statement_that_reads_carts_has_every_column(statement: str) -> None:
    """Story: carts learned who had filled them, and one of three statements did not: explain answered 500."""
    wanted = {column for name in CartState._fields for column in BESIDE.get(name, (name,))}
    found = set(statement.replace(",", " ").replace(".", " ").split())
    assert wanted - found == set()
