"""A store's rules for messages out of its file."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from deploy.traffic.trace_file import TrafficError
from libs.files.yaml_file import load
from libs.policy.store_rules import StoreRules


class _StoreFile(BaseModel):
    """What of a store's file is about messages; the rest is passed over."""

    time_zone: str = "UTC"
    messages: dict[str, Any] = Field(default_factory=dict)


def rules_of(path: Path) -> StoreRules:
    """Those of a store by its file: what it leaves open (caps, quiet hours) is off. Raises `FileFaultError`,
    `TrafficError`.
    """
    try:
        return StoreRules.described(load(path, _StoreFile).model_dump(), {})
    except ValidationError as error:
        faults = [f"{path.name}:1: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise TrafficError("\n".join(faults)) from None
