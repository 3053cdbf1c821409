"""What every fact has."""

from functools import cache
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Units = Annotated[int, Field(ge=0)]
StoreId = Annotated[str, Field(description="The store.")]
OrderId = Annotated[str, Field(description="The order, by the shop's own number.")]
Sku = Annotated[str, Field(description="The item, by the shop's own number.")]
Minor = Annotated[int, Field(ge=0)]
"""An amount of money in minor units of its currency."""
_set = object.__setattr__


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

    @classmethod
    def of_right(cls, **fields: Any) -> Self:  # noqa: ANN401 - those of the class
        """As `cls(**fields)`, for who has made each field, in its own type, by rules that are as strict: nothing is
        looked at again. Raises `TypeError` where a field is missing, or is none.
        """
        known, required = _known(cls)
        values = known | fields
        if len(values) > len(known) or not required <= fields.keys():
            raise TypeError(f"these are not the fields of {cls.type}")
        made = cls.__new__(cls)
        _set(made, "__dict__", values)
        _set(made, "__pydantic_fields_set__", set(fields))
        _set(made, "__pydantic_extra__", None)
        _set(made, "__pydantic_private__", None)
        return made

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


@cache
def _known(kind: type[Event]) -> tuple[dict[str, Any], frozenset[str]]:
    """All fields of a kind in their order, which is that of its JSON, each with what stands for it where it is left
    out, and those that can't be: what each event has its own of is among them.
    """
    known = kind.model_fields
    left_out = {name for name, field in known.items() if not field.is_required() and field.default_factory is None}
    return {name: field.default for name, field in known.items()}, frozenset(known.keys() - left_out)
