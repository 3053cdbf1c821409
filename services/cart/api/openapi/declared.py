"""What dependencies say of the endpoints that have them: what these may refuse, and which headers they take.

FastAPI's own words for dependencies are parameters and security schemes; refusals it has no word for, and our headers
are answered in another way than its own when they are wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """`problems` by slug, `headers` by name; both in the order in which the document shows them."""

    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


_DECLARED: dict[Callable[..., Any], Declared] = {}


def declares(*problems: str, headers: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Says what every endpoint with this dependency may refuse, and which headers it takes."""

    def noted(dependency: F) -> F:
        _DECLARED[dependency] = Declared(problems, headers)
        return dependency

    return noted


def declared_by(dependency: Callable[..., Any]) -> Declared:
    """What a dependency says; nothing where it says nothing."""
    return _DECLARED.get(dependency, Declared())


def dependencies_of(route: APIRoute) -> Iterator[Callable[..., Any]]:
    """The dependencies of an endpoint, and theirs, in the order in which they are solved."""
    return _below(route.dependant)


def _below(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for part in dependant.dependencies:
        yield from _below(part)
        if part.call is not None:
            yield part.call
