"""`evercart rebuild`: makes what a service knows from Kafka anew, beside the running one."""

import os
import subprocess
import sys
from typing import Annotated, Literal

import typer

from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE, ROOT


def rebuild(
    service: Annotated[Literal["trigger", "console"], typer.Argument(help="Whose: the trigger's, or the console's.")],
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Make what a service knows anew from what Kafka holds: the trigger's carts, timers and holders, put in place of
    those in use; what the console has read, and its figures, but for sums that are older than that.

    Nobody is reminded twice, and services run on. Of a running stack; where TRIGGER_DATABASE_URL or
    CONSOLE_DATABASE_URL is set, of the service with the settings of this environment.
    """
    from deploy.commands.stack import only_running
    from deploy.local.errors import LocalStackError
    from deploy.local.servers import dsn_of
    from deploy.local.services import console_env, trigger_env

    environment, database = dict(os.environ), f"{service.upper()}_DATABASE_URL"
    try:
        if not environment.get(database):
            found = only_running(state.absolute(), stack)
            environment |= {"trigger": trigger_env, "console": console_env}[service](found, dsn_of(found))
    except LocalStackError as error:
        print(f"evercart: {error} Or set {database}.", file=sys.stderr)
        raise typer.Exit(1) from None
    command = [sys.executable, "-m", f"services.{service}.cli.rebuild"]
    raise typer.Exit(subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
