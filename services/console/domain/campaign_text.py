"""Campaigns as somebody edits them: the shortest document that says what is in force. Pure."""

from collections.abc import Mapping
from typing import Any

import yaml

_SAID_OTHERWISE = {"continue_": "continue"}


def text_of(document: Mapping[str, Any]) -> str:
    """A document as YAML."""
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))


def document_of(in_force: Mapping[str, Any]) -> dict[str, Any]:
    """A document that says what the trigger tells to be in force."""
    told: dict[str, Any] = {"campaigns": [_bare(one["campaign"]) for one in in_force["campaigns"]]}
    if segments := _bare(in_force.get("segments") or {}):
        told["segments"] = segments
    return told


def _bare(said: Any) -> Any:  # noqa: ANN401 - JSON
    """The same without what says nothing, name and kind first."""
    if isinstance(said, Mapping):
        fields = {_SAID_OTHERWISE.get(name, name): _bare(value) for name, value in said.items()}
        first = {name: fields.pop(name) for name in ("name", "kind") if name in fields}
        return first | {name: value for name, value in fields.items() if value not in (None, [], {}, False)}
    if isinstance(said, list):
        return [_bare(one) for one in said]
    return said
