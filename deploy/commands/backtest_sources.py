"""Whose events `evercart backtest` reads where it is given no trace, and from when on."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from deploy.commands.stack import only_running
from deploy.local.errors import LocalStackError
from libs.kafka.cluster import Servers
from libs.kafka.settings import KafkaSettings
from libs.policy.laws import Laws
from libs.policy.store_rules import unset_rules
from libs.runtime.settings import BadSettingsError, from_environment
from services.trigger.backtest.beforehand import beforehand
from services.trigger.backtest.policy import Held
from services.trigger.domain.timing.durations import parse_duration


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose events are read from where, and from when on. A stack of this machine (`is_local`) has no caps, quiet hours
    and laws that its store does not say.
    """

    servers: Servers
    topic_prefix: str
    store: str
    since: datetime | None
    is_local: bool

    async def held(self) -> Held | None:
        """What the notifier goes by for the store; None where nothing is known of it, or it can't be read.

        Raises `KafkaError`.
        """
        before = await beforehand(self.servers, self.topic_prefix, self.store)
        laws = None if self.is_local else Laws.read()
        held = before.held(self.store, unset_rules(production=not self.is_local), laws)
        if held is None:
            print(f"nothing is known of the rules of {self.store}: caps and quiet hours don't count", file=sys.stderr)
        return held


def of_stack(state: Path, number: int | None) -> tuple[Servers, str]:
    """The cluster of a running stack, and what its topics begin with."""
    try:
        found = only_running(state, number)
    except LocalStackError as error:
        print(f"evercart: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    return found.cluster, found.topic_prefix


def brokers(bootstrap: str, topic_prefix: str) -> tuple[Servers, str]:
    """The cluster that is named; how to be let in is read from the environment, as the services read it."""
    try:
        return from_environment(KafkaSettings, kafka_bootstrap=bootstrap).kafka, topic_prefix
    except BadSettingsError as error:
        raise typer.BadParameter(str(error)) from None


def moment(text: str | None) -> datetime | None:
    """So long ago, or a time; UTC where it names no zone."""
    if text is None:
        return None
    try:
        return datetime.now(UTC) - parse_duration(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise typer.BadParameter("--since is a time such as 2026-03-01, or how long ago: 30d") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
