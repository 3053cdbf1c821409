"""Records of `inventory.feed`, as the shop's systems write them: plain JSON, a level, a price, or both of one sku.

Fields that are not known are passed over, as in all feeds.
"""

from typing import Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from libs.contracts.codec import UnreadableError, data_of, faults
from services.cart.domain.commands import Body, Name
from services.cart.domain.currency import Currency
from services.cart.domain.limits import MAX_AVAILABLE, MAX_PRICE, MAX_SEQUENCE
from services.cart.domain.stock.commands import Level, Price

_LEVEL = {"sku", "available", "location", "sequence", "category", "threshold"}
_PRICE = {"sku", "price", "currency", "sequence"}


class Goods(Body):
    """How many there are (`available`), what one costs (`price` in minor units of `currency`), or both.

    `sequence` grows with every record of the same sku: an older level at the same place, or price in the same currency,
    is dropped.
    """

    model_config = ConfigDict(extra="ignore")

    store_id: Name
    sku: Name
    available: int | None = Field(default=None, ge=0, le=MAX_AVAILABLE)
    location: Name | None = None
    category: Name | None = None
    threshold: int | None = Field(default=None, ge=0, le=MAX_AVAILABLE)
    price: int | None = Field(default=None, ge=0, le=MAX_PRICE)
    currency: Currency | None = None
    sequence: int | None = Field(default=None, ge=0, le=MAX_SEQUENCE)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.available is None and self.price is None:
            raise ValueError("neither available nor price is there")
        if (self.price is None) != (self.currency is None):
            raise ValueError("price and currency belong together")
        return self

    def level(self) -> Level | None:
        """The level of the record."""
        if self.available is None:
            return None
        return Level.model_validate(self.model_dump(include=_LEVEL & self.model_fields_set))

    def costs(self) -> Price | None:
        """The price of the record."""
        if self.price is None:
            return None
        return Price.model_validate(self.model_dump(include=_PRICE & self.model_fields_set))


def read_inventory_record(value: bytes | None) -> Goods:
    """What a record of `inventory.feed` says. Raises `UnreadableError` with a reason that names no values."""
    data_of(value)
    try:
        return Goods.model_validate_json(value or b"")
    except ValidationError as error:
        raise UnreadableError(faults(error)) from None
