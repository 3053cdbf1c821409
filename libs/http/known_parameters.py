"""Query parameters that an address does not know are refused: a misspelt `limti` would answer everything, and a filter
that a server has not learnt yet would filter nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.catalogue import Catalogue
from libs.http.problems import Problem

SLUG = "unknown-parameter"
MOST_SHOWN = 10
"""Of so many unknown names the refusal tells, each up to `LONGEST` characters."""
LONGEST = 64

F = TypeVar("F", bound=Callable[..., Any])
_TOLERANT: set[Callable[..., Any]] = set()


def tolerates_unknown(endpoint: F) -> F:
    """Marks an endpoint whose address others write: mail programs and campaigns add parameters to the links that people
    follow, and providers to the addresses that they call.
    """
    _TOLERANT.add(endpoint)
    return endpoint


def is_strict(route: BaseRoute) -> bool:
    """Whether a route takes no query parameters but those it knows."""
    return isinstance(route, Route) and route.endpoint not in _TOLERANT


class KnownParameters:
    """Wraps an application: whatever comes to one of `routes` with other query parameters than these are described with
    is refused by `Problem` 400. Addresses that are not among them are pages, files and figures, and take anything.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute], catalogue: Catalogue) -> None:
        self._app, self._catalogue = app, catalogue
        self._routes = served = [route for route in routes if isinstance(route, Route)]
        # to look at a route takes long, and few are asked with a query
        self._known = cache(lambda place: _known(served[place]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request. One without a query costs nothing."""
        if scope["type"] == "http" and scope["query_string"]:
            problem = self._fault(scope)
            if problem is not None:
                await self._catalogue.answer(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _fault(self, scope: Scope) -> Problem | None:
        for place, route in enumerate(self._routes):
            match, found = route.matches(scope)
            if match is Match.FULL:
                known = self._known(place)
                names = _names(scope["query_string"])
                unknown = sorted(names.difference(known))
                if not unknown or not is_strict(route):
                    return None
                scope.update({"route": route, **found})  # figures tell of the route that refused
                return unknown_parameters(unknown, known)
        return None


def unknown_parameters(unknown: Sequence[str], known: Iterable[str]) -> Problem:
    """The refusal; it names what is not known, cut where it is long, and what would be."""
    shown = [name[:LONGEST] for name in unknown[:MOST_SHOWN]]
    taken = ", ".join(sorted(known)) or "none"
    return Problem(
        400, "unknown-parameter", f"This address takes other query parameters than these: {taken}.", parameters=shown
    )


def _names(query: bytes) -> set[str]:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace")
    return {name for name, _ in pairs}


def _known(route: Route) -> frozenset[str]:
    if not isinstance(route, APIRoute):
        return frozenset()
    found = get_flat_params(route.dependant)
    return frozenset(each.alias for each in found if isinstance(each.field_info, params.Query))
