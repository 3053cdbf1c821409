"""Erasing a customer everywhere: the request, what each service did, and that it is over."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, StoreId, Units
from libs.contracts.topics import CUSTOMER_ERASURES, Topic

Done = Literal["deleted", "anonymised", "hashed", "tombstoned", "expires"]
"""What became of the records of one place: `hashed` and `anonymised` stay without saying whose they were, `tombstoned`
are gone once the topic is compacted, `expires` can't be reached and go by themselves."""

ErasureId = Annotated[UUID, Field(description="The erasure; it names nobody.")]


class Place(BaseModel):
    """One table or topic, and what was done there to how many records; of a topic the number is not known.

    `gone_by` is when the last of them is gone at the latest, where that is later than the report.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    place: str = Field(description="The table or topic.")
    done: Done = Field(description="What became of its records.")
    rows: Units | None = Field(default=None, description="How many they were.")
    gone_by: AwareDatetime | None = Field(default=None, description="When the last is gone, if later than now.")

    @classmethod
    def topic(cls, topic: Topic, done: Literal["tombstoned", "expires"], now: datetime) -> Self:
        """What was written to a topic up to `now` and can't be taken back."""
        after = topic.forgets_after
        assert after is not None, "what names people is in no topic that keeps everything"
        return cls(place=f"topic {topic.name}", done=done, gone_by=now + after)


class ErasureRequested(Event):
    """Whoever goes by these names in this store is to be forgotten.

    What occurred up to `occurred_at`, and profiles up to `profile_version`, is theirs; what is later is somebody new
    who goes by the same name. Kafka forgets the request when `ErasureCompleted` follows under its key.
    """

    type: ClassVar[str] = "customer.erasure_requested"
    topic: ClassVar[str] = CUSTOMER_ERASURES.name
    bound: ClassVar[bool] = True

    erasure_id: ErasureId
    store_id: StoreId
    customer_ids: tuple[str, ...] = Field(min_length=1, description="All names of the one customer.")
    profile_version: int = Field(ge=0, description="The last profile that is theirs.")

    def key(self) -> str:
        """Names nobody, because keys outlive values."""
        return str(self.erasure_id)


class CustomerErased(Event):
    """A service has done its part of an erasure, here."""

    type: ClassVar[str] = "customer.erased"
    topic: ClassVar[str] = CUSTOMER_ERASURES.name

    erasure_id: ErasureId
    store_id: StoreId
    service: str = Field(description="Which service: `trigger`, `notifier` or `console`.")
    places: tuple[Place, ...] = Field(description="What it did where.")

    def key(self) -> str:
        """Not the key of the request: an answer must not replace it before the others have read it."""
        return f"{self.erasure_id}:{self.service}"

    def subject(self) -> str:
        """The erasure, as of its other events."""
        return str(self.erasure_id)


class ErasureCompleted(Event):
    """Every service has answered: on the wire a null value under the key of the request, so that Kafka forgets it."""

    type: ClassVar[str] = "customer.erasure_completed"
    topic: ClassVar[str] = CUSTOMER_ERASURES.name
    tombstone: ClassVar[bool] = True

    erasure_id: ErasureId

    def key(self) -> str:
        """The key of the request that it removes."""
        return str(self.erasure_id)

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """What the key says. Raises `ValueError`."""
        return {"erasure_id": UUID(key)}
