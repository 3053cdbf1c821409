"""`evercart backtest`: a campaign file over what has happened, and no message leaves."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from deploy.commands import backtest_options as options
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from deploy.backtest.files import Backtesting, Tell, Wanted
    from deploy.commands.backtest_sources import Asked
    from deploy.traffic.trace_file import Reading
    from libs.inbox.recorded import Recorded


def _prices(text: str) -> "dict[str, Decimal]":
    from deploy.backtest.summary import prices_of

    try:
        return prices_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def backtest(
    campaigns: options.Campaigns,
    out: options.Out,
    traffic: options.Traffic = None,
    kafka: options.Kafka = None,
    topic_prefix: options.TopicPrefix = "",
    store: options.Store = "demo",
    since: options.Since = None,
    against: options.Against = None,
    changes: options.Changes = None,
    caps: options.Caps = None,
    no_caps: options.NoCaps = False,
    price_of: options.PriceOf = "",
    picture: options.Picture = None,
    workers: options.Workers = 2,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
) -> None:
    """Tell who would have been messaged, when, and why others not. Nothing is sent."""
    from deploy.backtest.files import Wanted

    if changes is not None and against is None:
        raise typer.BadParameter("--changes goes with --against")
    if no_caps and (caps is not None or traffic is not None):
        raise typer.BadParameter("--no-caps goes without --caps, and where there is no trace")
    wanted = Wanted(campaigns, out, traffic, against, changes, caps, picture=picture, workers=workers)
    wanted = replace(wanted, prices=_prices(price_of))
    with _faults():
        if traffic is not None:
            tried = _over_trace(wanted, traffic)
        else:
            from deploy.commands import backtest_sources as sources  # a trace needs nothing of Kafka's 24 MB

            place = sources.brokers(kafka, topic_prefix) if kafka else sources.of_stack(state.absolute(), stack)
            asked = sources.Asked(*place, store, sources.moment(since), is_local=kafka is None)
            tried = _over_kafka(wanted, asked, by_rules=not no_caps)
    _show(wanted, tried)


def run_backtest(campaigns: Path, traffic: Path, out: Path) -> Counter[tuple[str, str]]:
    """Writes one JSON line for each decision; returns how many there were of each outcome and reason.

    Raises `FileFaultError` and `TrafficError`.
    """
    from deploy.backtest.files import Wanted

    return _over_trace(Wanted(campaigns, out, traffic), traffic).counted.sides[0].outcomes


def _over_trace(wanted: "Wanted", traffic: Path) -> "Backtesting":
    from deploy.backtest.files import backtesting
    from deploy.traffic.trace import LEVEL, rows
    from deploy.traffic.trace_file import Reading

    wanted.check()
    reading = Reading()
    read = rows(traffic, reading)
    first = next(read, None)  # with it the columns are known
    items = LEVEL in reading.columns
    with closing(read), _progress(reading) as tell, backtesting(wanted, tell, fresh=True, items=items) as tried:
        tried.rows(chain(filter(None, [first]), read))
    return tried


def _over_kafka(wanted: "Wanted", asked: "Asked", *, by_rules: bool) -> "Backtesting":
    """Over what Kafka still holds of a store. Ends the command with status 1 where the brokers can't be asked."""
    from aiokafka.errors import KafkaError

    from deploy.backtest.files import backtesting
    from deploy.commands.completion import complete
    from libs.inbox.recorded import Recorded
    from services.trigger.domain.facts import TRIED_ON

    events = Recorded(asked.servers, asked.topic_prefix, asked.store, TRIED_ON, asked.since)
    try:
        if by_rules:
            wanted = replace(wanted, held=complete(asked.held()))
        with _progress() as tell, backtesting(wanted, tell, fresh=False) as tried:
            complete(_lead_past(events, tried))
    except KafkaError as error:
        print(f"evercart: {asked.servers} can't be asked: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if events.unreadable:
        print(f"{events.unreadable} records could not be read", file=sys.stderr)
    return tried


async def _lead_past(recorded: "Recorded", tried: "Backtesting") -> None:
    """Leads all that is there now past campaigns. Raises `KafkaError` where the brokers can't be asked."""
    from contextlib import aclosing

    async with aclosing(recorded.events()) as events:
        async for event in events:
            tried.event(event)


@contextmanager
def _faults() -> Iterator[None]:
    """What is wrong with a file ends the command with status 2, and says where."""
    from deploy.backtest.workers import WorkerError
    from deploy.traffic.trace_file import TrafficError
    from libs.files.yaml_file import FileFaultError

    try:
        yield
    except WorkerError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from None
    except (FileFaultError, TrafficError) as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(2) from None


@contextmanager
def _progress(reading: "Reading | None" = None) -> "Iterator[Tell]":
    """A bar where somebody sees it."""
    from deploy.commands.bar import telling

    if not sys.stderr.isatty():
        yield lambda _at, _read: None
        return
    with telling() as tell:

        def move(at: datetime, read: int) -> None:
            part = reading.part if reading else None
            tell(f"{read:,} rows, {at:%d %b %Y %H:%M}", 0.0 if part is None else part)

        yield move


def _show(wanted: "Wanted", tried: "Backtesting") -> None:
    from rich.console import Console

    from deploy.backtest.summary import show

    counted = tried.counted
    for (kind, reason), number in sorted(counted.sides[0].outcomes.items()):
        typer.echo(f"{number:>9,}  {kind:<10}  {reason}")
    typer.echo(f"{counted.sides[0].counted.total():>9,}  decisions in {wanted.out}")
    typer.echo()
    show(tried.names, counted.sides, wanted.prices, Console(highlight=False))
    if len(counted.sides) > 1:
        differ = f"{counted.differences:,} messages differ, for {counted.people:,} people"
        typer.echo(differ + (f": {wanted.changes}" if wanted.changes else ""))
