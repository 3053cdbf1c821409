"""`evercart dlq`: what the services put aside because they could not handle it, and putting it back."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.completion import complete
from deploy.commands.local import Base, Number
from deploy.local.folders import DEFAULT_BASE

if TYPE_CHECKING:
    from libs.inbox.put_back import DeadLetter, DeadLetterBox

app = typer.Typer(no_args_is_help=True, help="Look at the dead letters of the topics, and put them back.")
Kafka = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT,…", help="The brokers of an installation; KAFKA_TLS and so on say how to get in."),
]
Prefix = Annotated[str, typer.Option("--topic-prefix", help="With --kafka: what topics begin with.")]
Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="Such as cart.events.")]
Letters = Annotated[list[int] | None, typer.Argument(metavar="NUMBER", help="Which; else all that wait.", min=0)]
LONGEST = 30


@app.command("list")
def list_(state: Base = DEFAULT_BASE, stack: Number = None, kafka: Kafka = None, topic_prefix: Prefix = "") -> None:
    """Show how many there are by topic, and how many of them wait; exits with 1 if any does."""

    async def counted(box: "DeadLetterBox") -> int:
        found = await box.counts()
        for one in found:
            print(f"{one.topic}: {one.waiting} waiting of {one.kept}")
        return sum(one.waiting for one in found)

    waiting = _told(_with(counted, state, stack, kafka, topic_prefix))
    if not waiting:
        print("No dead letter waits.")
    raise typer.Exit(int(waiting > 0))


@app.command()
def show(
    topic: Topic,
    numbers: Letters = None,
    value: Annotated[bool, typer.Option("--value", help="Also what they say; it may tell of people.")] = False,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    kafka: Kafka = None,
    topic_prefix: Prefix = "",
) -> None:
    """Show those of a topic: number, when, type and id, where it stood, and why it was put aside."""
    for one in _told(_with(_found(topic, numbers), state, stack, kafka, topic_prefix)):
        print(_line(one))
        if value:
            print(f"  {(one.value or b'').decode('utf-8', 'replace')}")


@app.command()
def replay(
    topic: Topic,
    numbers: Letters = None,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    kafka: Kafka = None,
    topic_prefix: Prefix = "",
) -> None:
    """Put letters back on their topic, in their order: all that wait, which then wait no longer, or those named."""

    async def again(box: "DeadLetterBox") -> int:
        from libs.inbox.put_back import put_back_waiting

        return await (box.put_back(await box.letters(topic, numbers)) if numbers else put_back_waiting(box, topic))

    done = _told(_with(again, state, stack, kafka, topic_prefix))
    print(f"{done} {'record was' if done == 1 else 'records were'} put back on {topic}.")


@app.command()
def dismiss(
    topic: Topic,
    state: Base = DEFAULT_BASE,
    stack: Number = None,
    kafka: Kafka = None,
    topic_prefix: Prefix = "",
) -> None:
    """Take those of a topic that wait as dealt with; they stay and can be shown until the topic forgets them."""

    async def done_with(box: "DeadLetterBox") -> int:
        from libs.inbox.put_back import dismiss_waiting

        return await dismiss_waiting(box, topic)

    print(f"{_told(_with(done_with, state, stack, kafka, topic_prefix))} of {topic} wait no longer.")


def _line(one: "DeadLetter") -> str:
    what = one.type or "no type"
    place = f"{one.topic}/{one.partition}/{one.offset}"
    return f"{one.number}  {one.put_aside_at:%Y-%m-%d %H:%M:%S}  {what} {one.id}  from {place}: {one.why}"


def _found(topic: str, numbers: list[int] | None) -> Any:  # noqa: ANN401 - a function of the box
    async def found(box: "DeadLetterBox") -> "list[DeadLetter]":
        return await box.letters(topic, numbers or None)

    return found


async def _with(ask: Any, state: Path, stack: int | None, kafka: str | None, prefix: str) -> Any:  # noqa: ANN401
    from deploy.commands import backtest_sources as sources
    from libs.inbox.put_back import DeadLetterBox

    servers, prefix = sources.brokers(kafka, prefix) if kafka else sources.of_stack(state.absolute(), stack)
    async with asyncio.timeout(LONGEST), DeadLetterBox(servers, prefix) as box:
        return await ask(box)


def _told(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work gives
    with _in_words():
        return complete(work)


@contextmanager
def _in_words() -> Iterator[None]:
    from aiokafka.errors import KafkaError

    from libs.contracts.topics import FEEDS, LIVE

    try:
        yield
    except KeyError as error:
        known = ", ".join(sorted(one.name for one in LIVE + FEEDS))
        print(f"evercart: there is no topic {error.args[0]}; there are {known}", file=sys.stderr)
        raise typer.Exit(2) from None
    except (KafkaError, TimeoutError) as error:
        print(f"evercart: the brokers can't be asked: {error or 'no answer'}", file=sys.stderr)
        raise typer.Exit(1) from None
