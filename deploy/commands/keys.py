"""`evercart keys`: makes, lists, rotates and revokes keys of the cart service."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE
from deploy.local.services import ROOT

URL = "CART_DATABASE_URL"


def keys(
    context: typer.Context,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    what: Annotated[list[str] | None, typer.Argument(help="create, list, rotate or revoke, and `--help`.")] = None,
) -> None:
    """Make, list, rotate or revoke keys of a running stack, or of the service with the database CART_DATABASE_URL."""
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.local.servers import dsn_of

    environment = dict(os.environ)
    if not environment.get(URL):
        try:
            environment[URL] = dsn_of(only_running(state.absolute(), stack))("cart")
        except LocalStackError as error:
            print(f"evercart: {error} Or set {URL}.", file=sys.stderr)
            raise typer.Exit(1) from None
    arguments = [*(what or []), *context.args]
    command = [sys.executable, "-m", "services.cart.cli.api_keys", *(arguments or ["--help"])]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
