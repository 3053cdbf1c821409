"""What a shop's server says of a message that it hands over, and what it is told."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.notifier.channels.registry import CHANNELS
from services.notifier.web.schemas import MESSAGE, Message, like

_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
EXAMPLE: dict[str, Any] = {
    "customer_id": "anna",
    "template": "win_back",
    "purpose": "marketing",
    "channels": ["email", "sms"],
    "campaign": "spring",
}
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=_TEXT)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class NewMessage(BaseModel):
    """One message to one customer. What a template that ships speaks of has to be named (`cart_id`, `order_id`, `sku`);
    one of the store's own has the `variables` that it declares, and its button leads to `link`.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    customer_id: Name
    template: Slug
    purpose: Literal["cart_reminders", "stock_alerts", "marketing", "transactional"]
    channels: list[str] = Field(min_length=1, max_length=4, description="By which it may go, the preferred one first.")
    campaign: Slug = Field("handed_over", description="Under which name it is counted and can be paused.")
    expires_at: AwareDatetime | None = Field(None, description="From when it is late; a day from now, a week at most.")
    cart_id: UUID | None = None
    order_id: Name | None = None
    sku: Name | None = None
    price: int | None = Field(None, ge=0, le=2**53, description="Of the item, in minor units.")
    viewed: list[Name] = Field(default=[], max_length=20, description="Skus that they looked at.")
    coupon: Annotated[Name, Field(max_length=64)] | None = None
    link: Annotated[str, Field(max_length=2000)] | None = Field(None, description="Where its button leads.")
    variables: dict[VariableName, Value] = Field(default={}, max_length=20)

    @field_validator("channels")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        if unknown := [one for one in value if one not in CHANNELS]:
            raise ValueError(f"there is no channel {unknown[0]!r}; there are {', '.join(CHANNELS)}")
        if len(set(value)) < len(value):
            raise ValueError("a channel is named twice")
        return value

    @property
    def given(self) -> set[str]:
        """What it names of what messages may be about."""
        return {
            name for name in ("cart_id", "order_id", "sku", "price", "viewed") if getattr(self, name) not in (None, [])
        }


class HandedOverMessage(Message):
    """What became of a message, or what it waits for."""

    model_config = like(MESSAGE | {"customer_id": "anna", "next_at": None, "answers": [], "laws": None})
