"""What is exported of what somebody would like to have every month."""

from pydantic import AwareDatetime, BaseModel

from services.notifier.web.schemas import AT

MONTHLY_WISH = {
    "sku": "coffee",
    "skus": ["coffee", "filter"],
    "every": "month",
    "order_id": "o-1001",
    "wished_at": AT,
    "wording": "Would you like to have this product every month?",
    "asked": 1,
    "asked_at": AT,
    "confirmed_at": AT,
    "confirmed_wording": "Do you confirm it?",
}
"""An example of one."""


class ExportedMonthlyWish(BaseModel):
    """Products that they would like to have again (`sku` is the first), how often, in answer to what, and when they
    have confirmed it.
    """

    sku: str
    skus: list[str]
    every: str
    order_id: str
    wished_at: AwareDatetime
    wording: str
    asked: int
    asked_at: AwareDatetime
    confirmed_at: AwareDatetime | None
    confirmed_wording: str | None
