"""What a pause holds back. Pure."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Scope:
    """All messages of a store, or those of a campaign, of its step, on a channel; "" and 0 stand for all."""

    campaign: str = ""
    step: int = 0
    channel: str = ""

    @classmethod
    def read(cls, campaign: str, step: str, channel: str) -> Self:
        """As a form says it. Raises `ValueError` for a step that is none, or stands alone."""
        number = int(step or 0)
        if number < 0 or (number and not campaign):
            raise ValueError("a step is of a campaign")
        return cls(campaign, number, channel)

    def covers(self, campaign: str, step: int | None = None, channel: str = "") -> bool:
        """Whether it holds back what these names stand for; without a step, the campaign as a whole."""
        return (
            self.campaign in ("", campaign) and self.step in (0, step) and (not self.channel or self.channel == channel)
        )
