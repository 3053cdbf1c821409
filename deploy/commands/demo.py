"""`evercart demo`: the main job, seen to happen."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

_WITH = "With --url"
_MAILPIT, _CATCHER = "http://127.0.0.1:8025", "http://127.0.0.1:8090"
_COMPOSE = Path(__file__).parents[1] / "compose.local.env"
_CAMPAIGNS = Path(__file__).parents[1] / "local" / "campaigns" / "demo.yaml"


def demo(
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Cart API of a stack that `up` did not start.")] = None,
    inbox: Annotated[str, typer.Option(metavar="URL", help=f"{_WITH}: the catcher's or Mailpit's base.")] = _MAILPIT,
    texts: Annotated[str, typer.Option(metavar="URL", help=f"{_WITH}: the catcher's base, for texts.")] = _CATCHER,
    store: Annotated[str, typer.Option(help=f"{_WITH}: the store's id.")] = "demo",
    jwt_key: Annotated[str, typer.Option(envvar="EVERCART_JWT_KEY", help=f"{_WITH}: signs log-ins.")] = "",
    secret_key: Annotated[str, typer.Option(envvar="EVERCART_SECRET_KEY", help=f"{_WITH}: the servers' key.")] = "",
    currency: Annotated[str, typer.Option(help=f"{_WITH}: the store's currency.")] = "EUR",
    campaigns: Annotated[Path, typer.Option(metavar="FILE", help=f"{_WITH}: its campaign file.")] = _CAMPAIGNS,
) -> None:
    """Tell the whole story against a stack, and start one where none runs. Exits with 1 if any of it is not so."""
    from deploy.story.telling import Place, tell
    from deploy.traffic.cart_api import Store

    place = None
    if url is not None:
        jwt_key, secret_key = (
            jwt_key or _of_compose("EVERCART_JWT_KEY"),
            secret_key or _of_compose("EVERCART_SECRET_KEY"),
        )
        place = Place(url, inbox, texts, Store(store, jwt_key, secret_key, currency), campaigns)
    sys.exit(complete(tell(place, state.absolute(), stack)))


def _of_compose(name: str) -> str:
    """A value of the file with which compose is tried on one's own machine: its keys are public."""
    for line in _COMPOSE.read_text().splitlines():
        if line.startswith(f"{name}="):
            return line.partition("=")[2].strip("'\"")
    raise typer.BadParameter(f"with --url, {name} says who the store is")
