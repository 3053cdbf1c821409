"""`evercart bench`: first figures, as ratios in one run."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.bench.pairs import Pair


def bench(
    seconds: Annotated[float, typer.Option(min=2, max=3600, help="About how long to measure.")] = 60,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")] = None,
    against: Annotated[Path | None, typer.Option(metavar="FILE", help="Show the ratios of an earlier run too.")] = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Measure what our code costs over the same SQL, and over bare aiokafka, on this machine."""
    from deploy.bench.pairs import earlier_ratios
    from deploy.bench.scratch import BenchError
    from deploy.local.errors import LocalStackError

    try:
        earlier = earlier_ratios(json.loads(against.read_text())) if against else {}
        pairs = complete(_measure(seconds, state.absolute(), stack))
    except (BenchError, LocalStackError, OSError, ValueError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if json_file is not None:
        json_file.write_text(json.dumps({"seconds": seconds, "pairs": [p.as_json() for p in pairs]}, indent=2) + "\n")
    _show(pairs, earlier)


async def _measure(seconds: float, state: Path, number: int | None) -> "list[Pair]":
    from deploy.bench.rounds import measure
    from deploy.bench.scratch import scratch
    from deploy.commands.bar import telling
    from deploy.commands.stack import some_stack

    with telling() as tell:
        async with (
            some_stack(state, number, lambda text: tell(text.removesuffix("…"), 0)) as stack,
            scratch(stack) as on,
        ):
            return await measure(on, seconds, tell)


def _show(pairs: "list[Pair]", earlier: dict[str, float]) -> None:
    from statistics import median

    from rich.console import Console
    from rich.table import Table

    table = Table("ours over bare", box=None, pad_edge=False)
    for heading in ("ours/s", "bare/s", "ratio min", "median", "max", *(["earlier"] if earlier else [])):
        table.add_column(heading, justify="right")
    for pair in pairs:
        rates = [f"{median(rates):,.0f}" for rates in (pair.ours, pair.bare)]
        ratios = [f"{value:.2f}" for value in (min(pair.ratios), median(pair.ratios), max(pair.ratios))]
        was = [f"{earlier[pair.name]:.2f}" if pair.name in earlier else "-"] if earlier else []
        table.add_row(pair.name, *rates, *ratios, *was)
    console = Console(highlight=False)
    console.print(table)
    console.print("Each round measures ours, then the bare work. 1.00 is as fast as the bare work; rates are medians.")
