"""`evercart bench`: how fast our code is, as ratios to the bare work underneath it, in one run."""

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.bench.rounds import Plan, Tell
    from deploy.bench.rows import Row
    from deploy.bench.scratch import Bench
    from deploy.local.stack import Stack

_SECONDS = 180.0
_Seconds = Annotated[float, typer.Option(min=10, max=3600, help="About how long to measure, preparations not counted.")]
_Quick = Annotated[bool, typer.Option("--quick", help="Two short rounds, about a minute: does it work, not how fast.")]
_Only = Annotated[str, typer.Option(metavar="ROW", help="Only rows whose names begin so, such as `timers`.")]
_Peer = Annotated[
    str | None, typer.Option(metavar="NAME", help="Hold adds beside another shop, which npm fetches: medusa, vendure.")
]
_Workers = Annotated[int, typer.Option(min=1, max=16, help="Processes of the cart's API, at one port.")]
_Carts = Annotated[int, typer.Option(min=0, max=10_000_000, help="Carts of others that the cart's database holds.")]
_Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures there.")]
_Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the ratios there, as SVG.")]
_Against = Annotated[Path | None, typer.Option(metavar="FILE", help="Show the ratios of an earlier run's JSON too.")]


def bench(
    seconds: _Seconds = _SECONDS,
    quick: _Quick = False,
    only: _Only = "",
    peer: _Peer = None,
    workers: _Workers = 1,
    carts: _Carts = 0,
    json_file: _Json = None,
    picture: _Picture = None,
    against: _Against = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Measure what our code costs over pgbench, bare aiokafka and a bare SMTP client, on this machine."""
    from deploy.bench.picture import picture_of
    from deploy.bench.rounds import QUICK, Plan
    from deploy.bench.rows import document_of, earlier_ratios, faults
    from deploy.bench.scratch import BenchError
    from deploy.local.errors import LocalStackError

    plan = QUICK if quick else Plan.of(seconds, rounds=3)
    try:
        what = _beside(peer) if peer else _underneath(only)
        earlier = earlier_ratios(json.loads(against.read_text()), what.identity) if against else {}
        rows = complete(_measure(plan, what, _On(state.absolute(), stack, workers, carts)))
        document = document_of(rows, what.identity)
        if json_file is not None:
            json_file.write_text(json.dumps(document, indent=2) + "\n")
        if picture is not None:
            picture.write_text(picture_of(rows, earlier), encoding="utf-8")
    except (BenchError, LocalStackError, OSError, ValueError) as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    _show(rows, earlier, what)
    if impossible := faults(document, what.rows):
        print("evercart: these figures can't be:", *impossible, sep="\n  ", file=sys.stderr)
        raise typer.Exit(1)


@dataclass(frozen=True)
class _On:
    """The stack whose servers are used, and what runs and stands on them besides."""

    state: Path
    stack: int | None
    workers: int
    carts: int


@dataclass(frozen=True)
class _What:
    """What is measured: rows of ours beside a reference, which the earlier run of `--against` must have had as well."""

    rows: tuple[str, ...]
    reference: str
    identity: str
    note: str
    measure: "Callable[[Bench, Plan, Tell, Stack], Awaitable[list[Row]]]"


def _underneath(only: str) -> _What:
    """The rows that begin so, beside the bare work. Raises `ValueError` where none does."""
    from deploy.bench.pgbench import digest
    from deploy.bench.rounds import measure, rows_named
    from deploy.bench.table import NOTE, REFERENCE

    names = rows_named(only)
    return _What(names, REFERENCE, digest(), NOTE, lambda on, plan, tell, _: measure(on, plan, tell, names))


def _beside(name: str) -> _What:
    """Adds beside another shop's. Raises `ValueError` where that shop isn't known."""
    from deploy.bench.peers.registry import PEERS
    from deploy.bench.peers.rounds import measure_beside, rows_beside

    if name not in PEERS:
        raise ValueError(f"there is no peer {name!r}, but: {', '.join(PEERS)}")
    peer = PEERS[name]
    return _What(rows_beside(), peer.name, peer.name, peer.beside, partial(measure_beside, name))


async def _measure(plan: "Plan", what: _What, on: _On) -> "list[Row]":
    from deploy.bench.scratch import scratch
    from deploy.bench.servers import servers
    from deploy.commands.bar import telling

    with telling() as tell:
        async with (
            servers(on.state, on.stack, lambda text: tell(f"starting {text}", 0)) as stack,
            scratch(stack, on.workers) as bench,
        ):
            if on.carts:
                tell(f"making {on.carts:,} carts", 0)
                await bench.ours.ask("crowd", on.carts)
            return await what.measure(bench, plan, tell, stack)


def _show(rows: "list[Row]", earlier: dict[str, float], what: _What) -> None:
    from rich.console import Console

    from deploy.bench.table import cpu, rates

    console = Console(highlight=False)
    for part in (rates(rows, earlier, what.reference), "", cpu(rows, what.reference), "", what.note):
        console.print(part)
