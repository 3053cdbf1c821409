"""`evercart backtest`: a campaign file over what has happened, and no message leaves."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deploy.backtest.files import Outcome, Wanted
    from deploy.backtest.run import Tell
    from deploy.traffic.trace_file import Reading


def _prices(text: str) -> "dict[str, Decimal]":
    from deploy.backtest.summary import prices_of

    try:
        return prices_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def backtest(
    campaigns: Annotated[Path, typer.Option(help="Campaign file (YAML) to try.", exists=True, dir_okay=False)],
    traffic: Annotated[Path, typer.Option(help="Recorded trace, CSV, plain or .gz; - is a pipe.")],
    out: Annotated[Path, typer.Option(help="Where the decisions go, one JSON object a line.", dir_okay=False)],
    against: Annotated[
        Path | None, typer.Option(help="Another version, shown beside the first.", exists=True, dir_okay=False)
    ] = None,
    changes: Annotated[
        Path | None,
        typer.Option(help="With --against: what changes for whom, one JSON object a line.", dir_okay=False),
    ] = None,
    caps: Annotated[
        Path | None,
        typer.Option(help="A store's file: its caps, quiet hours and senders count.", exists=True, dir_okay=False),
    ] = None,
    price_of: Annotated[
        str, typer.Option(metavar="CHANNEL=PRICE,…", help="What a message costs: email=0.001,sms=0.07.")
    ] = "",
    picture: Annotated[Path | None, typer.Option(help="An SVG of reminders over time.", dir_okay=False)] = None,
) -> None:
    """Tell who would have been messaged, when, and why others not. Nothing is sent."""
    from deploy.backtest.files import Wanted

    if changes is not None and against is None:
        raise typer.BadParameter("--changes goes with --against")
    wanted = Wanted(
        campaigns,
        out,
        traffic,
        against=against,
        changes=changes,
        rules=caps,
        picture=picture,
        prices=_prices(price_of),
    )
    with _faults():
        outcome = _over_trace(wanted, traffic)
    _show(wanted, outcome)


def run_backtest(campaigns: Path, traffic: Path, out: Path) -> Counter[tuple[str, str]]:
    """Writes one JSON line for each decision; returns how many there were of each outcome and reason.

    Raises `CampaignFileError` and `TrafficError`.
    """
    from deploy.backtest.files import Wanted

    return _over_trace(Wanted(campaigns, out, traffic), traffic).sides[0].outcomes


def _over_trace(wanted: "Wanted", traffic: Path) -> "Outcome":
    from deploy.backtest.files import backtesting
    from deploy.backtest.run import STORE
    from deploy.traffic.trace import rows
    from deploy.traffic.trace_events import TraceEvents
    from deploy.traffic.trace_file import Reading

    reading = Reading()
    with _progress(reading) as tell, backtesting(wanted, tell, fresh=True) as (run, outcome):
        run.rows(rows(traffic, reading), TraceEvents(STORE, checked=False))
    return outcome


@contextmanager
def _faults() -> Iterator[None]:
    """What is wrong with a file ends the command with status 2, and says where."""
    from deploy.traffic.trace_file import TrafficError
    from services.trigger.campaigns.registry import CampaignFileError

    try:
        yield
    except (CampaignFileError, TrafficError) as error:
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


def _show(wanted: "Wanted", outcome: "Outcome") -> None:
    from rich.console import Console

    from deploy.backtest.summary import show

    for (kind, reason), number in sorted(outcome.sides[0].outcomes.items()):
        typer.echo(f"{number:>9,}  {kind:<10}  {reason}")
    typer.echo(f"{outcome.sides[0].counted.total():>9,}  decisions in {wanted.out}")
    typer.echo()
    show(outcome.names, outcome.sides, wanted.prices, Console(highlight=False))
    if outcome.comparison:
        differ = f"{outcome.comparison.differences:,} messages differ, for {len(outcome.comparison.people):,} people"
        typer.echo(differ + (f": {wanted.changes}" if wanted.changes else ""))
