"""Headers of a request, found by one look each."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar, overload

from starlette.datastructures import Headers

D = TypeVar("D")


class IndexedHeaders(Headers):
    """Starlette's, which looks through all that were sent for each that is asked for, and raises inside for one that
    is not there; a call asks for some fourteen. Of a name that was sent twice it is the first, as there.
    """

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        super().__init__(raw=raw)  # type: ignore[arg-type]  # a list, as the server gives it
        self._first = dict(reversed(raw))

    @overload
    def get(self, key: str, default: None = None, /) -> str | None: ...
    @overload
    def get(self, key: str, default: str, /) -> str: ...
    @overload
    def get(self, key: str, default: D, /) -> str | D: ...
    def get(self, key: str, default: object = None, /) -> object:
        """The value, or what stands for one that was not sent."""
        value = self._first.get(_on_the_wire(key))
        return default if value is None else value.decode("latin-1")


@lru_cache(1_000)
def _on_the_wire(name: str) -> bytes:
    return name.lower().encode("latin-1")
