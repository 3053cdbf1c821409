"""The form by which support changes a customer's open cart, as the customer's page shows it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from libs.contracts.events import GUESTS
from libs.runtime.ids import uuid7_text
from services.console.domain.cart_edits import EditFault, open_cart, version_of
from services.console.domain.stock import Level
from services.console.web.visits import Visit

Json = Mapping[str, Any]
_KEY = re.compile(r"[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class CartForm:
    """The open `cart`, if there is one, at its `version`; which of its goods run low. `key` names what is sent from
    this page. After a `fault` there is what was `typed`.
    """

    cart: Json | None
    version: str
    key: str
    currency: str
    low: Mapping[str, Level]
    fault: EditFault | None = None
    typed: Mapping[str, str] = field(default_factory=dict)


async def cart_form(
    visit: Visit, customer_id: str, carts: Sequence[Json], fault: EditFault | None = None
) -> CartForm | None:
    """The form; None for who may not change carts. The carts of guests are theirs alone: no server names a guest."""
    if not visit.may("carts:write") or customer_id.startswith(GUESTS):
        return None
    cart = open_cart(carts)
    low = await visit.house.stock.low_of(visit.store_id, [line["sku"] for line in cart["lines"]]) if cart else {}
    # of what nobody knows whether it was done the key stays: to send it again does it once
    key = key_of(visit.form) if fault is not None and fault.key == "silent" else uuid7_text()
    assert visit.store is not None, "a customer is one of a store"
    currency = (cart and cart["currency"]) or visit.store.currency
    typed = visit.form if fault is not None and fault.key != "stale" else {}
    return CartForm(cart, version_of(cart), key, currency, low, fault, typed)


def key_of(form: Mapping[str, str]) -> str:
    """The key that a page has given its forms; another one where it is none of ours."""
    given = form.get("key", "")
    return given if _KEY.fullmatch(given) else uuid7_text()
