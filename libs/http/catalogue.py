"""The problem types that a server answers with, and the way every one of its errors goes out."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from libs.http.problems import URN, Problem, invalid

PROBLEM_JSON = "application/problem+json"
PAGES_PATH = "/problems"
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
COMMON_FILE = Path(__file__).with_name("problems.toml")
"""What any server of ours may answer with."""


class ProblemType(BaseModel):
    """One kind of problem: `happened` says what it means, `remedy` what a client does about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: str
    status: int
    title: str
    happened: str
    remedy: str

    @property
    def urn(self) -> str:
        """The `type` of its documents; never changes."""
        return URN + self.slug

    @property
    def path(self) -> str:
        """Where the page about it is served."""
        return f"{PAGES_PATH}/{self.slug}"


class Catalogue(Mapping[str, ProblemType]):
    """Problem types by slug, read from TOML files; a later file adds to an earlier one and never changes it."""

    def __init__(self, *files: Path) -> None:
        found = [
            ProblemType(slug=slug, **words)
            for file in files
            for slug, words in tomllib.loads(file.read_text(encoding="utf-8")).items()
        ]
        self._types = {kind.slug: kind for kind in sorted(found, key=lambda kind: (kind.status, kind.slug))}
        assert len(self._types) == len(found), "a slug stands in two files"

    def __getitem__(self, slug: str) -> ProblemType:
        return self._types[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def document(self, problem: Problem) -> dict[str, Any]:
        """The problem document. Its title is the type's own, its detail the case's."""
        kind = self._types.get(problem.slug)
        title = kind.title if kind else HTTPStatus(problem.status).phrase
        head = {"type": URN + problem.slug, "title": title, "status": problem.status, "detail": problem.detail}
        return head | problem.members

    def answer(self, problem: Problem) -> Response:
        """The answer that carries the problem: never cached, with a link to the page about its type."""
        kind = self._types.get(problem.slug)
        help_link = {"Link": f'<{kind.path}>; rel="help"'} if kind else {}
        headers = {"Cache-Control": "no-store", **help_link, **problem.headers}
        return Response(to_json(self.document(problem)), problem.status, headers, media_type=PROBLEM_JSON)

    def answer_errors(self, app: Starlette, outages: Iterable[type[Exception]] = ()) -> None:
        """Has the application answer every error so, those of the framework included.

        `outages` mean that the database can't be reached. What nobody foresaw goes on, for `LastResort` to log.
        """

        async def on_problem(_: Request, error: Exception) -> Response:
            assert isinstance(error, Problem), "registered for nothing else"
            return self.answer(error)

        async def on_invalid(_: Request, error: Exception) -> Response:
            assert isinstance(error, ValidationError), "registered for nothing else"
            return self.answer(invalid(error.errors(include_url=False, include_context=False, include_input=False)))

        async def on_http_exception(request: Request, error: Exception) -> Response:
            assert isinstance(error, HTTPException), "registered for nothing else"
            return self.answer(_of_framework(app.router.routes, request, error))

        async def on_outage(_: Request, __: Exception) -> Response:
            return self.answer(unavailable())

        async def on_error(_: Request, __: Exception) -> Response:
            return self.failed()  # the error itself goes on to the outermost layer, which logs it

        app.add_exception_handler(Problem, on_problem)
        app.add_exception_handler(ValidationError, on_invalid)
        app.add_exception_handler(HTTPException, on_http_exception)
        for kind in outages:
            app.add_exception_handler(kind, on_outage)
        app.add_exception_handler(Exception, on_error)

    def failed(self) -> Response:
        """The answer where something went wrong that nobody foresaw."""
        return self.answer(Problem(500, "internal-error", "Something went wrong here. Try again."))


def unavailable() -> Problem:
    """The database can't be reached."""
    detail = "The service can't reach its database. Try again."
    return Problem(503, "unavailable", detail, headers={"Retry-After": "1"})


def _of_framework(routes: Iterable[BaseRoute], request: Request, error: HTTPException) -> Problem:
    if error.status_code == 404:
        return Problem(404, "not-found", "There is nothing at this address.")
    if error.status_code == 405:
        # the framework names the methods of the first route only that has the path
        allowed = [method for method in METHODS if _taken(routes, {**request.scope, "method": method})]
        detail = "This address does not take this method."
        return Problem(405, "method-not-allowed", detail, headers={"Allow": ", ".join(allowed)})
    return Problem(400, "bad-request", error.detail, headers=error.headers)


def _taken(routes: Iterable[BaseRoute], scope: Scope) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in routes)


COMMON = Catalogue(COMMON_FILE)
"""The catalogue of a server that has no problem types of its own."""
