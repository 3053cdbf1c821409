"""`evercart keys`: makes, lists, rotates and revokes keys of the cart service."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from deploy.commands.installation import KeyFile, Url, key_of
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE, ROOT

DATABASE = "CART_DATABASE_URL"


def keys(
    context: typer.Context,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    url: Url = None,
    key_file: KeyFile = None,
    what: Annotated[list[str] | None, typer.Argument(help="create, list, rotate or revoke, and `--help`.")] = None,
) -> None:
    """Make, list, rotate or revoke keys of a running stack, of the service with the database CART_DATABASE_URL, or
    with --url those of a store, by a key with the scope `keys:write`.
    """
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.local.servers import dsn_of

    arguments = [*(what or []), *context.args] or ["--help"]
    environment = dict(os.environ)
    try:
        if url:
            from deploy.commands.keys_over_http import keys_over_http

            keys_over_http(url, key_of(key_file), arguments)
            return
        if not environment.get(DATABASE):
            environment[DATABASE] = dsn_of(only_running(state.absolute(), stack))("cart")
    except LocalStackError as error:
        print(f"evercart: {error}" + ("" if url else f" Or set {DATABASE}, or name a --url."), file=sys.stderr)
        raise typer.Exit(1) from None
    command = [sys.executable, "-m", "services.cart.cli.api_keys", *arguments]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
