"""`evercart backtest`: a campaign file over a recorded trace, and no message leaves."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from deploy.traffic.trace import TrafficError, cart_events, last_moment, rows
from services.trigger.campaigns.registry import CampaignFileError, load_campaigns
from services.trigger.domain.backtest import as_line, decisions
from services.trigger.domain.campaigns import StoreCampaigns

STORE = "backtest"


def run_backtest(campaigns: Path, traffic: Path, out: Path) -> Counter[tuple[str, str]]:
    """Writes one JSON line for each decision; returns how many there were of each outcome and reason.

    Raises `CampaignFileError`, `TrafficError` and `OSError`.
    """
    active = StoreCampaigns.always(load_campaigns(campaigns))
    counted: Counter[tuple[str, str]] = Counter()
    until = last_moment(traffic)  # reads the whole trace: what is wrong with it is told before anything is written
    if any(out.exists() and out.samefile(one) for one in (campaigns, traffic)):
        raise TrafficError(f"{out.name}:1: file: would be written over")
    with out.open("w", encoding="utf-8") as file:
        for decided in decisions(cart_events(rows(traffic), STORE), active, until):
            file.write(as_line(decided) + "\n")
            counted[decided.outcome, decided.reason] += 1
    return counted


def backtest(
    campaigns: Annotated[Path, typer.Option(help="Campaign file (YAML) to try.", exists=True, dir_okay=False)],
    traffic: Annotated[Path, typer.Option(help="Recorded trace, CSV, plain or .gz.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Where the decisions go, one JSON object a line.", dir_okay=False)],
) -> None:
    """Tell who would have been messaged, when, and why others not. Nothing is sent."""
    try:
        counted = run_backtest(campaigns, traffic, out)
    except (CampaignFileError, TrafficError) as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.secho(f"{out.name}:1: file: {error.strerror}", err=True, fg=typer.colors.RED)
        raise typer.Exit(2) from None
    for (outcome, reason), number in sorted(counted.items()):
        typer.echo(f"{number:>9,}  {outcome:<10}  {reason}")
    typer.echo(f"{counted.total():>9,}  decisions in {out}")
