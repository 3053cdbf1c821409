"""`evercart rebuild`: makes what a service knows from Kafka anew, beside the running one."""

import os
import subprocess
import sys
from typing import Annotated, Literal

import typer

from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE
from deploy.local.services import ROOT

DATABASE = "TRIGGER_DATABASE_URL"


def rebuild(
    service: Annotated[Literal["trigger"], typer.Argument(help="Whose: the trigger's.")],
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Make the trigger's carts, timers and holders anew from what Kafka holds, and put them in place of those in use.

    Nobody is reminded twice, and services run on. Of a running stack; where TRIGGER_DATABASE_URL is set, of the
    service with the settings of this environment.
    """
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.local.servers import dsn_of
    from deploy.local.services import trigger_env

    environment = dict(os.environ)
    try:
        if not environment.get(DATABASE):
            found = only_running(state.absolute(), stack)
            environment |= trigger_env(found, dsn_of(found))
    except LocalStackError as error:
        print(f"evercart: {error} Or set {DATABASE}.", file=sys.stderr)
        raise typer.Exit(1) from None
    command = [sys.executable, "-m", f"services.{service}.cli.rebuild"]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
