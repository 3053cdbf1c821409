"""What every fact has."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Units = Annotated[int, Field(ge=0)]
StoreId = Annotated[str, Field(description="The store.")]
OrderId = Annotated[str, Field(description="The order, by the shop's own number.")]
Sku = Annotated[str, Field(description="The item, by the shop's own number.")]
Minor = Annotated[int, Field(ge=0)]
"""An amount of money in minor units of its currency."""


class Event(BaseModel):
    """A fact: `event_id` is unique (UUIDv7), `occurred_at` is when it became true (aware, UTC)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]
    version: ClassVar[int] = 1
    tombstone: ClassVar[bool] = False
    """Whether it stands on the wire as a null value, whose key says everything."""
    bound: ClassVar[bool] = False
    """Whether `occurred_at` is a bound that somebody has set, which holds whenever the event is told."""

    event_id: UUID = Field(description="Unique; the same again is the same event.")
    occurred_at: AwareDatetime = Field(description="When it became true, in UTC.")

    def written_version(self) -> int:
        """The lowest version that a reader has to know to read this event; older readers pass it over."""
        return self.version

    def key(self) -> str:
        """The partition key: what has the same key is read in the order in which it was written."""
        raise NotImplementedError

    def subject(self) -> str:
        """What the event is about, within its source (CloudEvents `subject`): the cart, item or customer of the key.

        Never personal data, for it stands in a header, which outlives the value of what is erased.
        """
        return self.key()

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """The fields of a tombstone, from its key. Raises `ValueError` for a key that names nothing."""
        raise NotImplementedError
