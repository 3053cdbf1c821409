"""The shapes of what is answered about customers' rights, for the OpenAPI document."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.erasure import Done

ERASURE = "01960000-0000-7000-8000-00000000e7a5"


class ErasureAnswer(BaseModel):
    """An erasure that was begun; ask for its receipt by this id."""

    erasure_id: UUID = Field(examples=[ERASURE])
    status: Literal["pending"]


class ErasurePlace(BaseModel):
    """One table or topic of one service, and what was done there to how many records (null: not known).

    `deleted`: gone. `anonymised`: kept without saying whose. `hashed`: a ban on messages, kept under a hash.
    `tombstoned`: Kafka removes it by `gone_by`, once the partition is written to again. `expires`: gone by then.
    """

    service: str
    place: str
    done: Done
    rows: int | None
    at: AwareDatetime
    gone_by: AwareDatetime | None


class ErasureReceipt(BaseModel):
    """Where a customer was erased. `customer` is a keyed hash of the id that was asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "erasure_id": ERASURE,
                    "customer": "customer:5d1f0c1e0a8a535d9d6f0f5a3f6f1a77",
                    "status": "done",
                    "requested_at": "2026-03-14T15:09:26Z",
                    "done_at": "2026-03-14T15:09:27Z",
                    "waiting_for": [],
                    "places": [
                        {
                            "service": "notifier",
                            "place": "table contacts",
                            "done": "deleted",
                            "rows": 1,
                            "at": "2026-03-14T15:09:27Z",
                            "gone_by": None,
                        },
                        {
                            "service": "notifier",
                            "place": "topic message.events",
                            "done": "expires",
                            "rows": None,
                            "at": "2026-03-14T15:09:27Z",
                            "gone_by": "2026-04-14T15:09:27Z",
                        },
                    ],
                }
            ]
        }
    )

    erasure_id: UUID
    customer: str
    status: Literal["pending", "done"]
    requested_at: AwareDatetime
    done_at: AwareDatetime | None
    waiting_for: list[str]
    places: list[ErasurePlace]
