"""Names of goods as every door takes them in: two spellings of one name are one, and a blank one is refused. Pure."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from libs.contracts.names import plain_name

# PostgreSQL stores no NUL, and no other control character belongs in a name.
TEXT = r"^[^\x00-\x1f\x7f]*$"


def spelled(name: object) -> object:
    """A name in its one spelling; what is no text stays as it is, for others to refuse."""
    return plain_name(name) if isinstance(name, str) else name


def _spelled_options(options: object) -> object:
    if not isinstance(options, dict):
        return options
    plain = {spelled(name): spelled(value) for name, value in options.items()}
    if len(plain) < len(options):
        raise ValueError("two options have the same name")
    return plain


GoodsName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TEXT), BeforeValidator(spelled)]
"""A sku, a location, a category."""
OptionName = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=TEXT)]
OptionValue = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TEXT)]
Options = Annotated[dict[OptionName, OptionValue], Field(max_length=10), BeforeValidator(_spelled_options)]
"""What was chosen of a sku, by name: size, colour."""


def plain_options(options: dict[str, str]) -> dict[str, str]:
    """Options of a row that was stored before names had one spelling; itself where they have."""
    plain = {plain_name(name): plain_name(value) for name, value in options.items()} if options else options
    return options if plain == options else plain


def plain_units(units: Mapping[str, int]) -> dict[str, int]:
    """Units by sku of a row that was stored before names had one spelling."""
    plain: dict[str, int] = {}
    for sku, count in units.items():
        name = plain_name(sku)
        plain[name] = plain.get(name, 0) + count
    return plain
