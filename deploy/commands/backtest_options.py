"""What `evercart backtest` may be told."""

from pathlib import Path
from typing import Annotated

import typer

Campaigns = Annotated[Path, typer.Option(help="Campaign file (YAML) to try.", exists=True, dir_okay=False)]
Out = Annotated[Path, typer.Option(help="Where the decisions go, one JSON object a line.", dir_okay=False)]
Traffic = Annotated[
    Path | None,
    typer.Option(help="Recorded trace, CSV, plain or .gz; - is a pipe. Else the events of a running stack."),
]
Kafka = Annotated[str | None, typer.Option(metavar="HOST:PORT,…", help="Instead: the events that these brokers hold.")]
TopicPrefix = Annotated[str, typer.Option(help="With --kafka: what topics begin with.")]
Store = Annotated[str, typer.Option(help="Without --traffic: whose events.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Without --traffic: from then on; 30d, or 2026-03-01.")]
Against = Annotated[
    Path | None, typer.Option(help="Another version, shown beside the first.", exists=True, dir_okay=False)
]
Changes = Annotated[
    Path | None,
    typer.Option(help="With --against: what changes for whom, one JSON object a line.", dir_okay=False),
]
Caps = Annotated[
    Path | None,
    typer.Option(help="A store's file: its caps, quiet hours and senders count.", exists=True, dir_okay=False),
]
NoCaps = Annotated[
    bool, typer.Option(help="Without --traffic: the store's own caps, quiet hours, laws and reach don't count.")
]
PriceOf = Annotated[str, typer.Option(metavar="CHANNEL=PRICE,…", help="What a message costs: email=0.001,sms=0.07.")]
Picture = Annotated[Path | None, typer.Option(help="An SVG of reminders over time.", dir_okay=False)]
Workers = Annotated[int, typer.Option(help="How many processes work on a trace; a short one is for one.", min=1, max=2)]
