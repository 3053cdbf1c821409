"""Settings of services as a test says them, whatever the environment says."""

from functools import cache
from typing import Any, TypeVar

from pydantic_settings import BaseSettings

S = TypeVar("S", bound=BaseSettings)


def settings_of(kind: type[S], **said: Any) -> S:
    """Settings with nothing but what is said: to look each of seventy up in the environment takes milliseconds."""
    settings: S = _alone(kind)(**said)
    return settings


@cache
def _alone(kind: type[S]) -> type[S]:
    meta: Any = type(kind)
    parts = {"settings_customise_sources": classmethod(_what_is_said), "__module__": __name__}
    alone: type[S] = meta(kind.__name__, (kind,), parts)
    return alone


def _what_is_said(*_: Any, init_settings: Any, **__: Any) -> tuple[Any, ...]:
    return (init_settings,)
