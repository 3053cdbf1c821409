"""How customers may be reached: the one road on which personal data travels."""

from typing import ClassVar

from pydantic import Field

from libs.contracts.events.base import Event
from libs.contracts.topics import CUSTOMER_PROFILES


class ProfileSet(Event):
    """How a customer may be reached; the only event with personal data. Erasure is a null value under the same key."""

    type: ClassVar[str] = "customer.profile_set"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name

    store_id: str
    customer_id: str
    profile_version: int = Field(ge=1)
    email: str | None = Field(default=None, repr=False)
    phone: str | None = Field(default=None, repr=False)
    name: str | None = Field(default=None, repr=False)
    locale: str = "en"
    timezone: str | None = None
    email_consent: bool = False
    sms_consent: bool = False

    def key(self) -> str:
        """One customer, one partition."""
        return f"{self.store_id}:{self.customer_id}"


class ProfileErased(Event):
    """A customer was erased: on the wire a null value under the key of the profile, so that Kafka forgets it."""

    type: ClassVar[str] = "customer.profile_erased"
    topic: ClassVar[str] = CUSTOMER_PROFILES.name
    tombstone: ClassVar[bool] = True

    store_id: str
    customer_id: str

    def key(self) -> str:
        """The key of the profile that it erases."""
        return f"{self.store_id}:{self.customer_id}"

    @classmethod
    def of_key(cls, key: str) -> dict[str, object]:
        """Store and customer. Raises `ValueError`."""
        store, _, customer = key.partition(":")
        if not store or not customer:
            raise ValueError("not store:customer")
        return {"store_id": store, "customer_id": customer}
