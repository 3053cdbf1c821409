"""What servers are answered that told of levels and prices."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.cart.domain.commands import like
from services.cart.domain.stock.commands import Level, Price


class LevelsResult(BaseModel):
    """The level as it was told; `changed` is 1 where the sum over all locations was not so before, `stale` is 1 where
    a newer sequence is known, and nothing was changed.
    """

    model_config = like({"levels": [{"sku": "tea-100", "available": 12}], "changed": 1, "stale": 0})

    levels: list[Level]
    changed: int
    stale: int


class PricesResult(BaseModel):
    """The price as it was told; `changed` is 1 where it was not so before, `stale` is 1 where a newer sequence is
    known, and nothing was changed.
    """

    model_config = like({"prices": [{"sku": "tea-100", "price": 1250, "currency": "EUR"}], "changed": 1, "stale": 0})

    prices: list[Price]
    changed: int
    stale: int


class RejectedRow(BaseModel):
    """A row that was not taken: where it stood (`index` counts from 0, `pointer` is RFC 6901), and why."""

    index: int
    status: Literal["invalid", "stale"]
    pointer: str
    detail: str


class BulkReport(BaseModel):
    """How many rows were accepted, how many skus they changed, and every row that was not accepted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accepted": 9998,
                    "changed": 412,
                    "stale": 1,
                    "invalid": 1,
                    "rows": [
                        {
                            "index": 17,
                            "status": "invalid",
                            "pointer": "/levels/17/available",
                            "detail": "Input should be greater than or equal to 0",
                        },
                        {
                            "index": 40,
                            "status": "stale",
                            "pointer": "/levels/40/sequence",
                            "detail": "The sequence is not newer than the one that is known.",
                        },
                    ],
                }
            ]
        }
    )

    accepted: int
    changed: int
    stale: int
    invalid: int
    rows: list[RejectedRow]


class ReservedLine(BaseModel):
    """What of a line is held back; `short` units of it are not there."""

    line_id: UUID
    sku: str
    quantity: int
    reserved: int
    short: int


class Reservation(BaseModel):
    """What is held back for a cart, line by line, until when. Without a cart there is nothing."""

    model_config = like(
        {
            "cart_id": "01960000-0000-7000-8000-00000000ca27",
            "version": 7,
            "expires_at": "2026-03-14T15:24:26Z",
            "lines": [
                {
                    "line_id": "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d",
                    "sku": "tea-100",
                    "quantity": 3,
                    "reserved": 2,
                    "short": 1,
                }
            ],
        }
    )

    cart_id: UUID | None
    version: int
    expires_at: AwareDatetime | None
    lines: list[ReservedLine]
