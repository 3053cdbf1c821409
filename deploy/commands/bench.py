"""`evercart bench`: how fast our code is, as ratios to the bare work underneath it, in one run."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.bench.rounds import Plan
    from deploy.bench.rows import Row

_SECONDS = 180.0
_Seconds = Annotated[float, typer.Option(min=10, max=3600, help="About how long to measure, preparations not counted.")]
_Quick = Annotated[bool, typer.Option("--quick", help="Two short rounds, about a minute: does it work, not how fast.")]
_Only = Annotated[str, typer.Option(metavar="ROW", help="Only rows whose names begin so, such as `timers`.")]
_Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")]
_Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the ratios there, as SVG.")]
_Against = Annotated[Path | None, typer.Option(metavar="FILE", help="Show the ratios of an earlier run's JSON too.")]


def bench(
    seconds: _Seconds = _SECONDS,
    quick: _Quick = False,
    only: _Only = "",
    json_file: _Json = None,
    picture: _Picture = None,
    against: _Against = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Measure what our code costs over pgbench, bare aiokafka and a bare SMTP client, on this machine."""
    from deploy.bench.pgbench import digest
    from deploy.bench.picture import picture_of
    from deploy.bench.rounds import QUICK, Plan, rows_named
    from deploy.bench.rows import document_of, earlier_ratios, faults
    from deploy.bench.scratch import BenchError
    from deploy.local.errors import LocalStackError

    plan = QUICK if quick else Plan.of(seconds, rounds=3)
    try:
        names = rows_named(only)
        earlier = earlier_ratios(json.loads(against.read_text()), digest()) if against else {}
        rows = complete(_measure(plan, names, state.absolute(), stack))
        document = document_of(rows, digest())
        if json_file is not None:
            json_file.write_text(json.dumps(document, indent=2) + "\n")
        if picture is not None:
            picture.write_text(picture_of(rows, earlier), encoding="utf-8")
    except (BenchError, LocalStackError, OSError, ValueError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    _show(rows, earlier)
    if impossible := faults(document, names):
        print("evercart: these figures can't be:", *impossible, sep="\n  ", file=sys.stderr)
        raise typer.Exit(1)


async def _measure(plan: "Plan", names: tuple[str, ...], state: Path, number: int | None) -> "list[Row]":
    from deploy.bench.rounds import measure
    from deploy.bench.scratch import scratch
    from deploy.bench.servers import servers
    from deploy.commands.bar import telling

    with telling() as tell:
        async with (
            servers(state, number, lambda text: tell(f"starting {text}", 0)) as stack,
            scratch(stack) as on,
        ):
            return await measure(on, plan, tell, names)


def _show(rows: "list[Row]", earlier: dict[str, float]) -> None:
    from rich.console import Console

    from deploy.bench.table import NOTE, cpu, rates

    console = Console(highlight=False)
    for part in (rates(rows, earlier), "", cpu(rows), "", NOTE):
        console.print(part)
