"""What a step offers: one code for everybody, or one for each out of a pool of the store. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator, SerializeAsAny, TypeAdapter

from libs.contracts.events import CouponFrom
from services.trigger.domain.names import NAME
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.durations import Duration


class Pool(Strict):
    """A code of the `pool`, which counts as long as it is `valid` from when it is sent.

    Where there is none for somebody, the message waits and expires (`hold`), or goes without (`send`). Which pools a
    store has the notifier tells: one that is taken away later is told of when the message is to be sent.
    """

    pool: str = Field(pattern=NAME)
    valid: Duration | None = Field(default=None, ge=timedelta(minutes=1))
    if_empty: Literal["hold", "send"] = "hold"


_CODE = TypeAdapter(Annotated[str, Field(min_length=1, max_length=64)])


def _code_or_pool(value: Any) -> "str | Pool":  # noqa: ANN401 - whatever the file holds
    """One or the other by its shape, so that a fault of one is not told as two."""
    if isinstance(value, Mapping | Pool):
        return Pool.model_validate(value)
    return _CODE.validate_python(value)


Coupon: TypeAlias = Annotated[SerializeAsAny[str | Pool], PlainValidator(_code_or_pool)]
"""A code, or a pool of them."""


def code_of(coupon: "str | Pool | None") -> str | None:
    """The code that is the same for everybody, if it is one."""
    return coupon if isinstance(coupon, str) else None


def pool_of(coupon: "str | Pool | None") -> CouponFrom | None:
    """Where a code comes from, if it is out of a pool."""
    if not isinstance(coupon, Pool):
        return None
    valid = None if coupon.valid is None else round(coupon.valid.total_seconds())
    return CouponFrom(pool=coupon.pool, valid_seconds=valid, if_empty=coupon.if_empty)
