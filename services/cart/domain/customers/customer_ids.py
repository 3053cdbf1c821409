"""Which ids customers may have: those of guests are nobody's to log in with, to order under or to be named. Pure."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from libs.contracts.events import GUESTS
from services.cart.domain.goods import TEXT

RESERVED = f"Ids that begin with {GUESTS} are those of guests: no customer has one."


def is_guest(customer_id: str) -> bool:
    """Whether it is the id of a guest who has left an address."""
    return customer_id.startswith(GUESTS)


def of_customer(customer_id: str) -> str:
    """The id itself. Raises `ValueError` for one of a guest."""
    if is_guest(customer_id):
        raise PydanticCustomError("guest_id", RESERVED)
    return customer_id


CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=TEXT), AfterValidator(of_customer)]
