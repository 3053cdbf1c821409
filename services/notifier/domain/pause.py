"""What of a store's messages is held back for the time being. Pure."""

from dataclasses import dataclass
from typing import Final

PAUSED: Final = "paused"
"""Why a message waits, or has expired waiting."""


@dataclass(frozen=True, slots=True)
class Scope:
    """All messages of a store, or those of a campaign, of its step, on a channel; "" and 0 stand for all.

    A step is one of a campaign: raises `ValueError` where it is named alone.
    """

    campaign: str = ""
    step: int = 0
    channel: str = ""

    def __post_init__(self) -> None:
        if self.step and not self.campaign:
            raise ValueError("a step is one of a campaign: name the campaign, too")
