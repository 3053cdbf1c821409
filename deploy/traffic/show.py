"""A replay's report for a person."""

from rich.console import Console
from rich.table import Table

from deploy.traffic.agreement import Wanted
from deploy.traffic.measure import Spread
from deploy.traffic.report import Report, in_words

MOST_DIFFERENCES = 10


def show(report: Report, console: Console) -> None:
    """Prints the report."""
    console.print()
    console.print(
        f"[bold]{report.trace}[/]: {report.users} shoppers, {report.recorded_s / 3600:.1f} h in {report.took_s:.0f} s "
        f"({report.speed} times as fast)",
        soft_wrap=True,
    )
    if report.skipped_s:
        console.print(
            f"{report.skipped_s / 3600:,.0f} h in which nothing happened and nothing could be due were skipped"
        )
    rows = ", ".join(f"{number:,} {kind}" for kind, number in report.rows.items())
    events = ", ".join(f"{number:,} {kind.removeprefix('cart.')}" for kind, number in report.cart_events.items())
    console.print(f"rows of the trace: {rows}", soft_wrap=True)
    console.print(f"events of carts: {events}", soft_wrap=True)
    console.print(f"{report.carts:,} carts, {report.episodes:,} episodes long enough for a reminder")
    console.print()
    console.print(_steps(report))
    console.print()
    console.print(_times(report))
    console.print()
    _verdict(report, console)


def _steps(report: Report) -> Table:
    table = Table("campaign", "step", "by", box=None, pad_edge=False)
    table.add_column("asked for", justify="right")
    table.add_column("what became of them")
    for step in report.steps:
        ends = ", ".join(f"{number:,} {end}" for end, number in step.ends.items())
        table.add_row(step.campaign, str(step.step), step.channel, f"{step.requested:,}", ends)
    return table


def _times(report: Report) -> Table:
    table = Table("API", box=None, pad_edge=False)
    for heading in ("calls", "p50", "p99", "slowest"):
        table.add_column(heading, justify="right")
    for kind, times in report.calls.items():
        table.add_row(kind, *_cells(times))
    table.add_row("calls were late by", *_cells(report.late))
    return table


def _cells(times: Spread) -> list[str]:
    return [f"{times.count:,}", *(f"{value:.1f} ms" for value in (times.p50_ms, times.p99_ms, times.max_ms))]


def _verdict(report: Report, console: Console) -> None:
    if not report.exact:
        console.print(
            f"[yellow]The replay was late: {report.late_events} changes came to the trigger after more than the "
            f"{report.settle_s:g} s that it waits, {report.later_than_settle} of them because the call was made late. "
            "What differs below may come of that; a lower --speed gives exact decisions.[/]",
            soft_wrap=True,
        )
    if report.errors:
        console.print(f"[red]{report.errors} errors[/]")
    for problem in report.problems:
        console.print(f"  {problem}", soft_wrap=True, markup=False)
    if unfinished := sum(step.ends.get("open", 0) for step in report.steps):
        console.print(f"[red]{unfinished} reminders have not ended[/]")
    agreement = report.agreement
    if agreement.holds:
        console.print(f"[green]Live and backtest agree[/] on all {agreement.both:,} reminders; {report.errors} errors.")
        return
    console.print(
        f"[red]Live and backtest differ[/]: {agreement.both:,} in both, {len(agreement.only_live)} only live, "
        f"{len(agreement.only_backtest)} only in the backtest.",
        soft_wrap=True,
    )
    _differences("only live", agreement.only_live, console)
    _differences("only in the backtest", agreement.only_backtest, console)


def _differences(where: str, found: tuple[Wanted, ...], console: Console) -> None:
    for wanted in found[:MOST_DIFFERENCES]:
        console.print(f"  {where}: {in_words(wanted)}", soft_wrap=True, markup=False)
    if len(found) > MOST_DIFFERENCES:
        console.print(f"  ... and {len(found) - MOST_DIFFERENCES} more {where}")
