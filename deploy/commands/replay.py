"""`evercart replay`: recorded shop traffic through the running stack."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.traffic.report import Report

SPEED = 3600
"""An hour a second: nine days take less than four minutes."""


def replay(
    traffic: Annotated[Path, typer.Option(metavar="FILE", help="The trace, CSV or CSV.gz.")],
    speed: Annotated[int, typer.Option(min=1, metavar="N", help="How many times as fast as recorded.")] = SPEED,
    users: Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N shoppers.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the report there.")] = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Drive the running stack with a recorded trace, delays scaled alike, and hold it against the backtest."""
    from rich.console import Console

    from deploy.traffic.show import show

    report = complete(_replay(traffic, speed, users, state.absolute(), stack))
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    show(report, Console(highlight=False))
    sys.exit(0 if report.good else 1)


async def _replay(traffic: Path, speed: int, users: int | None, state: Path, number: int | None) -> "Report":
    """Ends the command with status 2 where the trace is wrong, with 1 where the replay can't be made."""
    from deploy.commands.bar import telling
    from deploy.commands.stack import some_stack, store_of
    from deploy.local.errors import LocalStackError
    from deploy.traffic.cart_api import RefusedError
    from deploy.traffic.replay import Run, first_users
    from deploy.traffic.replay import replay as replay_run
    from deploy.traffic.switch import STORE, ReplayError
    from deploy.traffic.trace import rows
    from deploy.traffic.trace_file import TrafficError
    from libs.http.client import HttpError

    try:
        run = Run.of(first_users(rows(traffic), users), speed)
        print(f"{len(run.users)} shoppers; about {run.duration.total_seconds():.0f} s at {run.speed} times the speed")
        with telling() as tell:
            async with some_stack(state, number, lambda text: tell(text.removesuffix("…"), 0)) as stack:
                return await replay_run(stack, store_of(stack, STORE), run, traffic.name, tell)
    except TrafficError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    except (ReplayError, LocalStackError, HttpError, RefusedError, OSError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
