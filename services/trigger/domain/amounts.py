"""Amounts and ranges as campaign files say them. Pure."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from libs.money.currencies import CODES

Minor = Annotated[int, Field(ge=0)]
"""Minor units of a currency."""


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError(f"{code!r} is not a currency of ISO 4217 such as EUR")
    return code


def _range(value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    """One number is the least, two are the least and the most."""
    return [value, None] if isinstance(value, int) else value


def _in_order(bounds: tuple[int, int | None]) -> tuple[int, int | None]:
    if bounds[1] is not None and bounds[1] < bounds[0]:
        raise ValueError("the most is less than the least")
    return bounds


Currency = Annotated[str, AfterValidator(_known)]
Range = Annotated[tuple[Minor, Minor | None], BeforeValidator(_range), AfterValidator(_in_order)]
"""From and to; to is None where there is no most."""
