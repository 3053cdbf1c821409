"""What a campaign of any kind is: a name, and steps that it plans. Pure."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from services.trigger.domain.steps import NAME, Message, Strict


class Campaign(Strict):
    """What a campaign of any kind says of itself; a kind says its own name by `kind: Literal["its_name"]`."""

    kind: str
    name: str = Field(pattern=NAME)


@dataclass(frozen=True, slots=True)
class Planned:
    """A step, when it is due and when too late.

    `skip` is why it will be skipped even if nothing changes until then, None where it won't.
    """

    campaign: Campaign
    number: int
    step: Message
    due_at: datetime
    expires_at: datetime
    skip: str | None

    @property
    def name(self) -> str:
        """What the step's reminders are known by: its place, too, where a kind gives its steps no names."""
        return self.step.name or str(self.number)
