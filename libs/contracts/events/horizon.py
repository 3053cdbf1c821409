"""How far a topic is told: what readers need to know that nothing older is still to come."""

from typing import ClassVar

from pydantic import AwareDatetime, Field, NonNegativeInt

from libs.contracts.events.base import Event
from libs.contracts.topics import CART_EVENTS, CART_HORIZON


class HorizonMoved(Event):
    """Everything that occurred up to `until` is published. Whoever has read each partition up to its end has read it.

    The newest record is all that there is to know; a claim that was made once stays true.
    """

    type: ClassVar[str] = "horizon.moved"
    topic: ClassVar[str] = CART_HORIZON.name

    of: str = Field(default=CART_EVENTS.name, description="The topic that is spoken of, without prefix.")
    until: AwareDatetime = Field(description="Up to when all that was committed is published, by the database's clock.")
    ends: dict[int, NonNegativeInt] = Field(
        description="By partition, the offset behind the last record that was acknowledged by then. Of one that is not "
        "named nothing is known."
    )
    recorded: bool | None = Field(
        default=None,
        description="Whether callers date what they tell (to replay traffic): `until` may then be ahead of some of it.",
    )

    def key(self) -> str:
        """One record for each topic that is spoken of."""
        return self.of
