"""What the service answers to whoever asks who holds an item, and who waits for it."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.trigger.web.campaign_schemas import like

_AT = "2026-11-22T10:15:00Z"
_ITEM = {"sku": "tea-100", "available": 3, "carts": 41, "asked": 0, "saved": 6, "since": _AT}


class ItemCounts(BaseModel):
    """An item, counted as of now."""

    sku: str
    available: int | None = Field(
        description="Units that can be sold; null where nobody has told, or it may be ordered whatever is left."
    )
    carts: int = Field(
        description="Open carts of known customers that hold it: they hear that it runs low or costs less."
    )
    asked: int = Field(description="People who asked to be told when it is back.")
    saved: int = Field(description="Carts in which it is set aside, whose customers are told when it is back, too.")
    since: AwareDatetime | None = Field(description="Since when the first of them waits.")


class NamedItems(BaseModel):
    """Items in the order in which they were named."""

    model_config = like({"items": [_ITEM]})

    items: list[ItemCounts]


class WaitedItems(BaseModel):
    """A page of the items for which people wait, and how much all of it is."""

    model_config = like(
        {
            "items": [_ITEM | {"available": 0, "asked": 12}],
            "in_all": {"items": 7, "people": 31},
            "next": "18.tea-100",
        }
    )

    items: list[ItemCounts]
    in_all: "WaitedInAll"
    next: str | None


class WaitedInAll(BaseModel):
    """For how many items somebody waits, and how many people do, for one of them or several."""

    items: int
    people: int


class ItemHolder(BaseModel):
    """Somebody who has an item in an open cart, asked to be told when it is back, or has set it aside."""

    customer_id: str
    how: Literal["in_cart", "asked", "saved"]
    cart_id: UUID | None = Field(description="The cart that it is in, or in which it is set aside.")
    units: int | None = Field(description="How many are in the cart.")
    since: AwareDatetime


class ItemHolders(BaseModel):
    """A page of them, the newest first."""

    model_config = like(
        {
            "people": [
                {
                    "customer_id": "anna",
                    "how": "in_cart",
                    "cart_id": "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
                    "units": 2,
                    "since": _AT,
                }
            ],
            "next": "1795342501000000.019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
        }
    )

    people: list[ItemHolder]
    next: str | None
