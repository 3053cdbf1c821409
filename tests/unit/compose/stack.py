"""docker-compose.yml as tests read it: anchors merged, variables as written or filled in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOTS = tuple(name for name, s in SERVICES.items() if s.get("restart") == "no")
LASTING = tuple(name for name in SERVICES if name not in ONE_SHOTS)

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<how>:\?|:-|-)(?P<rest>(?:[^{}]|\$\{[^{}]*\})*))?\}")
"""A default may have a variable in itself."""


def values_of(file: str) -> dict[str, str]:
    """The variables of a file for `--env-file`."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'") for name, value in pairs}


def local_values() -> dict[str, str]:
    """The variables of deploy/compose.local.env."""
    return values_of("deploy/compose.local.env")


def variables(value: object) -> Iterator[re.Match[str]]:
    """Every `${…}` in a part of the file."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from variables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from variables(inner)
    elif isinstance(value, str):
        for found in _VARIABLE.finditer(value):
            yield found
            yield from variables(found["rest"] or "")


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables as Docker Compose fills them in; raises `KeyError` for a required one."""

    def fill(found: re.Match[str]) -> str:
        value = values.get(found["name"])
        if value or (value is not None and found["how"] == "-"):
            return value
        if found["how"] == ":?":
            raise KeyError(found["name"])
        return filled(found["rest"] or "", values)

    return _VARIABLE.sub(fill, text)


def passed_on() -> set[str]:
    """Variables that programs get under their own names, where they are set."""
    told = (service.get("environment") or {} for service in SERVICES.values())
    return {key for environment in told for key, value in environment.items() if value is None}


def environment(name: str, values: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a service is told, as written or with `values` filled in; what has no value is passed on where it is set."""
    told = SERVICES[name].get("environment") or {}
    if values is None:
        return {key: value or "" for key, value in told.items()}
    given = {key: values.get(key) if value is None else filled(str(value), values) for key, value in told.items()}
    return {key: value for key, value in given.items() if value is not None}


def program(name: str) -> tuple[str, list[str]]:
    """The module that a service runs, and its arguments; an empty module for what is not ours."""
    command = SERVICES[name].get("command") or []
    return (command[2], command[3:]) if command[:2] == ["python", "-m"] else ("", [])


OURS = tuple(name for name in SERVICES if program(name)[0])
"""Services that run a program of this repository."""
