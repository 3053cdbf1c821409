"""A store's settings as somebody edits them: as text, and what would change. Pure.

Secrets are none of it: the cart service tells them to nobody, and keeps those that it has.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue, RootModel

from libs.files.yaml_file import Fault, FaultyTextError, understand

SECRETS = ("jwt_key", "secret_keys")
"""What is not said here: whoever changes whom a store's servers are believed by does so where no page is."""
LONGEST = 80


class Settings(RootModel[dict[str, JsonValue]]):
    """Settings by name, whatever the cart service makes of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that would be otherwise, as text; None is not said. Long ones are cut."""

    field: str
    before: str | None
    after: str | None


def settings_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the cart tells of a store, without what says nothing."""
    return {name: _bare(value) for name, value in told.items() if value is not None}


def read_text(text: str) -> dict[str, Any]:
    """What a text says. Raises `FaultyTextError` where it is no YAML, no settings by name, or names a secret."""
    said = understand(text, Settings)[1].root
    secret = [Fault(0, name, "is a secret, and is not said here", f"/{name}") for name in SECRETS if name in said]
    if secret:
        raise FaultyTextError(secret)
    return dict(said)


def changes_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What would be otherwise, field by field."""
    was, will = dict(_flat(before)), dict(_flat(after))
    return [
        Change(name, was.get(name), will.get(name)) for name in sorted({*was, *will}) if was.get(name) != will.get(name)
    ]


def changed_names(changes: Iterable[Change]) -> str:
    """The names of what changes, for the audit: never what it is."""
    return ", ".join(sorted({one.field.partition(".")[0] for one in changes}))


def _bare(said: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(said, Mapping):
        return {name: _bare(value) for name, value in said.items() if value is not None}
    return said


def _flat(said: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in said.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif value is not None:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield f"{before}{name}", text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
