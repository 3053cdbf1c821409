"""What a command asks: the three services of a local stack, or of any installation that is named by URLs."""

import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.local.errors import LocalStackError, in_words

if TYPE_CHECKING:
    from deploy.local.stack import Stack
    from libs.http.client import HttpClient

KEY = "EVERCART_KEY"

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", envvar="EVERCART_URL", help="The cart API of an installation that is asked."),
]
TriggerUrl = Annotated[
    str | None, typer.Option("--trigger-url", metavar="URL", envvar="EVERCART_TRIGGER_URL", help="Its trigger.")
]
NotifierUrl = Annotated[
    str | None, typer.Option("--notifier-url", metavar="URL", envvar="EVERCART_NOTIFIER_URL", help="Its notifier.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="FILE", help=f"Holds the store's secret key; else {KEY} does."),
]


@dataclass(frozen=True, slots=True)
class Service:
    """Where a service is, and the key with which it is asked."""

    name: str
    url: str
    key: str = field(repr=False)

    @asynccontextmanager
    async def client(self) -> "AsyncIterator[HttpClient]":
        """For calls to it. Raises `HttpError` where the URL is none."""
        from libs.http.client import HttpClient

        async with HttpClient(self.url) as http:
            yield http

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON is what the service says it is
        """What it answers, None where that is nothing. Raises `HttpError`, `RefusedError`."""
        from deploy.traffic.cart_api import accepted

        async with self.client() as http:
            answer = await http.request(
                method, path, headers=dict(headers or {}) | {"Authorization": f"Bearer {self.key}"}, body=body
            )
            accepted(answer, f"asking the {self.name}")
            return answer.json() if answer.body else None

    async def get(self, path: str) -> Any:  # noqa: ANN401 - as above
        """What it answers at a path. Raises `HttpError`, `RefusedError`."""
        return await self.call("GET", path)

    async def pages(self, path: str) -> "AsyncIterator[Any]":
        """Every page of a list at a path. Raises `HttpError`, `RefusedError`."""
        from urllib.parse import quote

        page = await self.get(path)
        yield page
        while (following := page.get("next")) is not None:  # a service of before told all of them at once
            page = await self.get(f"{path}{'&' if '?' in path else '?'}after={quote(str(following), safe='')}")
            yield page


@dataclass(frozen=True, slots=True)
class Installation:
    """The three services, as a store's servers see them."""

    cart: Service
    trigger: Service
    notifier: Service


def of_stack(stack: "Stack", store_id: str) -> Installation:
    """A local stack. Raises `LocalStackError` where it has no such store."""
    from deploy.commands.stack import store_of

    key = store_of(stack, store_id).secret_key
    return Installation(
        Service("cart", stack.cart_url, key),
        Service("trigger", stack.trigger_url, key),
        Service("notifier", stack.notifier_url, key),
    )


def of_urls(url: str, trigger_url: str | None, notifier_url: str | None, key_file: Path | None) -> Installation:
    """An installation. Raises `LocalStackError` where a URL or the key is missing."""
    for option, given in (("--trigger-url", trigger_url), ("--notifier-url", notifier_url)):
        if not given:
            raise LocalStackError(f"With --url goes {option}: each of the three services is asked.")
    key = key_of(key_file)
    return Installation(
        Service("cart", url, key),
        Service("trigger", trigger_url or "", os.environ.get("EVERCART_TRIGGER_KEY") or key),
        Service("notifier", notifier_url or "", os.environ.get("EVERCART_NOTIFIER_KEY") or key),
    )


def asked_for(
    state: Path,
    stack: int | None,
    store_id: str,
    *,
    url: str | None,
    trigger_url: str | None,
    notifier_url: str | None,
    key_file: Path | None,
) -> Installation:
    """What a command's options name: an installation where there is a URL, else a running stack. Raises
    `LocalStackError` where there is none, or something is missing.
    """
    from deploy.commands.stack import only_running

    if url:
        return of_urls(url, trigger_url, notifier_url, key_file)
    return of_stack(only_running(state.absolute(), stack), store_id)


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """What is not there, does not answer, or says no ends a command with status 1 and one line."""
    from deploy.traffic.cart_api import RefusedError
    from libs.http.client import HttpError

    try:
        yield
    except (LocalStackError, HttpError, RefusedError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def service_at(name: str, url: str, key_file: Path | None) -> Service:
    """A service with a key of its own (`EVERCART_<NAME>_KEY`), or the store's. Raises as `key_of`."""
    return Service(name, url, os.environ.get(f"EVERCART_{name.upper()}_KEY") or key_of(key_file))


def key_of(key_file: Path | None) -> str:
    """The secret key, from its file or the environment, never from the command line, which others see and shells keep.

    Raises `LocalStackError` where it is in neither.
    """
    try:
        key = key_file.read_text(encoding="utf-8").strip() if key_file else os.environ.get(KEY, "").strip()
    except (OSError, ValueError) as error:
        reason = in_words(error) if isinstance(error, OSError) else f"{key_file} is no text."
        raise LocalStackError(f"The key can't be read: {reason}") from None
    if not key or not key.isascii() or not key.isprintable():
        raise LocalStackError(f"With --url goes the store's secret key, in {KEY} or in the file of --key-file.")
    return key
