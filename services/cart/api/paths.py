"""Where endpoints lie, and what may stand in their paths."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator

from services.cart.domain.customers.customer_ids import of_customer
from services.cart.domain.goods import spelled

STORE = "/v1/stores/{store_id}"
CART = STORE + "/cart"
NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"

# these stand in paths with `:path`, because an id of the shop's may hold an (encoded) slash
CustomerId = Annotated[str, Path(min_length=1, max_length=200, pattern=NO_CONTROLS)]
NamedCustomer = Annotated[CustomerId, AfterValidator(of_customer)]
"""Whom something is told of or given to; guests, too, can be read and erased."""
OrderId = Annotated[str, Path(min_length=1, max_length=100, pattern=NO_CONTROLS)]
Sku = Annotated[str, Path(min_length=1, max_length=100, pattern=NO_CONTROLS), BeforeValidator(spelled)]
