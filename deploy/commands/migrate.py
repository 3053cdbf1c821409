"""`evercart migrate`: takes the databases from one release to the next while the services run."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

Step = Literal["pre", "post", "status"]


def migrate(
    step: Annotated[Step, typer.Argument(help="pre, then exchange the processes, then post; status changes nothing.")],
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Bring databases to this release's schema, in two steps between which old and new processes run side by side.

    Works on those that CART_DATABASE_URL, TRIGGER_DATABASE_URL and NOTIFIER_DATABASE_URL name; where none is set, on
    those of a running local stack.
    """
    from deploy.commands.completion import complete
    from deploy.local.errors import LocalStackError
    from libs.postgres.errors import FAILURES
    from libs.postgres.migrate import MigrationError

    try:
        for service, dsn in _databases(state.absolute(), stack).items():
            for line in complete(_work(step, dsn, service)):
                print(f"{service:<9} {line}")
    except (LocalStackError, MigrationError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except FAILURES as error:
        print(f"evercart: the database of {service} can't be used: {error or type(error).__name__}", file=sys.stderr)
        raise typer.Exit(1) from None


def _databases(base: Path, number: int | None) -> dict[str, str]:
    from deploy.commands.stack import only_running
    from deploy.local.servers import dsn_of
    from deploy.local.services import DATABASES

    named = {service: os.environ.get(f"{service.upper()}_DATABASE_URL") for service in DATABASES}
    if found := {service: dsn for service, dsn in named.items() if dsn}:
        return found
    dsn = dsn_of(only_running(base, number))
    return {service: dsn(service) for service in DATABASES}


async def _work(step: Step, dsn: str, service: str) -> list[str]:
    from deploy.local.folders import ROOT
    from libs.postgres import migrate

    folder = ROOT / "services" / service / "migrations"
    if step == "status":
        waiting = await migrate.waiting(dsn, folder)
        return [f"waits: {one.name} ({one.step})" for one in waiting] or ["is up to date"]
    applied = await migrate.migrate(dsn, folder, step)
    return [f"applied {name}" for name in applied] or [f"nothing to do in the {step} step"]
