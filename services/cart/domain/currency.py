"""The currencies that a store may sell in."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict
from typing_extensions import TypeAliasType

from libs.money.currencies import CODES


def _known(code: str) -> str:
    if code not in CODES:
        raise ValueError("not a currency code of ISO 4217")
    return code


def _shown(schema: JsonDict) -> None:
    schema |= {"enum": [*sorted(CODES)], "examples": ["EUR"]}


Currency = TypeAliasType("Currency", Annotated[str, AfterValidator(_known), Field(json_schema_extra=_shown)])
"""A code of three capital letters, for instance `EUR`."""
