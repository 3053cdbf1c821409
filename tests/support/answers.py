"""Whether an answer is as its document says, to the field."""

import json
from typing import Any

from pydantic import BaseModel


def as_documented(content: bytes, model: type[BaseModel]) -> bool:
    """Whether the answer has every field that the model names, in its type, and no other."""
    parsed = model.model_validate_json(content)
    said: bool = _shape(json.loads(content)) == _shape(json.loads(parsed.model_dump_json(by_alias=True)))
    return said


def _shape(value: Any) -> Any:
    """The names in a JSON value, without what stands under them."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in value.items()}
    return [_shape(inner) for inner in value] if isinstance(value, list) else None
