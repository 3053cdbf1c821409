"""A replay's report for a person."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from deploy.traffic.agreement import Wanted
from deploy.traffic.effect import ALL, Effect
from deploy.traffic.measure import spread
from deploy.traffic.report import Report, in_words
from libs.contracts.reasons import REASONS
from libs.money.currencies import decimal_of

MOST_DIFFERENCES = 10
_WORDS = {**REASONS, "anonymous": "nobody is known for the cart"}


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
    console.print()
    _brought(report.effect, console)
    console.print(_steps(report))
    for table in (_arms(report.effect), _reasons("nothing was asked for, because", report.skipped)):
        if table.row_count:
            console.print()
            console.print(table)
    console.print()
    _verdict(report, console)
    _driven(report, console)
    _times(report, console)


def _brought(effect: Effect, console: Console) -> None:
    """What the owner of a shop asks first."""
    ordered = f"; {effect.orders:,} carts were ordered after it" if effect.messages else ""
    console.print(f"[bold]{effect.people:,} people[/] had {effect.messages:,} messages{ordered}", soft_wrap=True)
    if effect.recovered:
        console.print(f"[bold]recovered: {_money(effect.recovered)}[/]", soft_wrap=True)
    for reason, number in effect.held_back.items():
        console.print(f"{number:,} held back: {_WORDS.get(reason, reason)}", soft_wrap=True)
    console.print()


def _steps(report: Report) -> Table:
    table = Table("campaign", "step", "by", box=None, pad_edge=False)
    for heading in ("asked for", "sent"):
        table.add_column(heading, justify="right")
    table.add_column("not sent, because")
    for step in report.steps:
        others = {end: number for end, number in step.ends.items() if end != "sent"}
        why = ", ".join(f"{number:,} {_in_words(end)}" for end, number in others.items())
        sent = f"{step.ends.get('sent', 0):,}"
        table.add_row(step.campaign, str(step.step), step.channel, f"{step.requested:,}", sent, why)
    return table


def _in_words(end: str) -> str:
    """How a reminder ended: `cancelled: ordered` and its like."""
    reason = end.partition(": ")[2]
    return _WORDS.get(reason, end)


def _arms(effect: Effect) -> Table:
    """Nothing where no campaign has arms."""
    table = Table("campaign", "arm", box=None, pad_edge=False)
    for heading in ("people", "messages", "orders", "recovered"):
        table.add_column(heading, justify="right")
    for one in effect.arms if any(one.arm != ALL for one in effect.arms) else ():
        counts = (f"{number:,}" for number in (one.people, one.messages, one.orders))
        table.add_row(one.campaign, one.arm, *counts, _money(one.recovered))
    return table


def _reasons(heading: str, found: Mapping[str, int]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("steps", justify="right")
    table.add_column(heading)
    for reason, number in found.items():
        table.add_row(f"{number:,}", _WORDS.get(reason, reason))
    return table


def _money(sums: Mapping[str, int]) -> str:
    return ", ".join(f"{decimal_of(total, currency):,f} {currency}" for currency, total in sums.items())


def _driven(report: Report, console: Console) -> None:
    """What the replay was made of, for whoever has to believe it."""
    rows = ", ".join(f"{number:,} {kind}" for kind, number in report.rows.items())
    events = ", ".join(f"{number:,} {kind.removeprefix('cart.')}" for kind, number in report.cart_events.items())
    carts = f"{report.carts:,} carts, {report.episodes:,} episodes long enough for a reminder"
    for line in (carts, f"rows of the trace: {rows}", f"events of carts: {events}"):
        console.print(f"[dim]{line}[/]", soft_wrap=True)


def _times(report: Report, console: Console) -> None:
    all_calls, late = report.calls.get("all", spread([])), report.late
    console.print(
        f"[dim]API: {all_calls.count:,} calls, p50 {all_calls.p50_ms:.1f} ms, p99 {all_calls.p99_ms:.1f} ms, slowest "
        f"{all_calls.max_ms:.1f} ms; calls were late by p50 {late.p50_ms:.1f} ms, p99 {late.p99_ms:.1f} ms[/]",
        soft_wrap=True,
    )


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
