"""What dependencies say of the endpoints that have them: who may call, what they may refuse, which headers they take.

FastAPI's own words are dependencies in turn, which each call would have to solve: security schemes that prove nothing,
and headers that are answered in another way than ours when they are wrong. For refusals it has no word.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """`problems` by slug, `headers` by name, and `schemes` of security, in the order in which the document has them."""

    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    schemes: tuple[SecurityBase, ...] = ()


_DECLARED: dict[Callable[..., Any], Declared] = {}


def declares(*problems: str, headers: tuple[str, ...] = (), schemes: tuple[SecurityBase, ...] = ()) -> Callable[[F], F]:
    """Says what every endpoint with this dependency may refuse, which headers it takes, and by what callers prove
    who they are.
    """

    def noted(dependency: F) -> F:
        _DECLARED[dependency] = Declared(problems, headers, schemes)
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
