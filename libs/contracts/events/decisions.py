"""What was decided about reminders, also not to send any."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.contracts.events.base import Event, StoreId
from libs.contracts.events.messages import CampaignKind, Channel
from libs.contracts.topics import REMINDER_DECISIONS


class ReminderDecided(Event):
    """The trigger's decision on one step of a campaign for somebody who has a recipient: to ask for the reminder
    (`would_send`), or not (`skipped`), and why.

    Told once in effect: `event_id` is the `reminder_id`, and the same facts give the same. That it was sent is for
    `message.events` to say. `decided_at` less `due_at` is how late it was.
    """

    type: ClassVar[str] = "reminder.decided"
    topic: ClassVar[str] = REMINDER_DECISIONS.name

    reminder_id: UUID = Field(description="The reminder; the same facts give the same.")
    store_id: StoreId
    customer_id: str = Field(description="Whom it is about.")
    campaign: str = Field(description="The campaign, by its name.")
    kind: CampaignKind = Field(description="What campaigns of its kind are about.")
    campaign_version: str | None = Field(
        default=None,
        description="Of the store's campaigns: a number where the API said them, else what tells a file from another.",
    )
    step: int = Field(ge=1, description="The campaign's step, counted from 1.")
    step_name: str | None = Field(default=None, description="The step, by its name.")
    channel: Channel = Field(description="How the customer is to be reached, where several are allowed the first.")
    arm: str | None = Field(default=None, description="Which arm of the campaign, or variant of the step, if any.")
    outcome: str = Field(description="`would_send`, or `skipped`.")
    reason: str = Field(description="Why, in a stable word such as `idle`, `expired` or `holdout`.")
    cart_id: UUID | None = Field(default=None, description="The cart that it is about.")
    cart_version: int | None = Field(default=None, ge=1, description="The cart's version that it rests on.")
    sku: str | None = Field(default=None, description="The item, where that is the reason.")
    order_id: str | None = Field(default=None, description="The order that it is about, if it is about one.")
    total: int | None = Field(default=None, description="What the cart came to, in minor units, where that is known.")
    currency: str | None = Field(default=None, description="Of the total.")
    due_at: AwareDatetime = Field(description="When it was due.")
    decided_at: AwareDatetime = Field(description="When it was decided on.")

    def key(self) -> str:
        """One customer, one partition."""
        return self.customer_id
