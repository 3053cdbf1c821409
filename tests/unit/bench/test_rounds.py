"""The order of the rounds, with load generators that only note what they are asked. The real ones: `.ci/run bench`."""

from contextlib import asynccontextmanager
from typing import cast

import pytest

from deploy.bench.peers import rounds as peer_rounds
from deploy.bench.peers.registry import PEERS
from deploy.bench.rounds import NAMES, Job, Plan, measure, rows_named
from deploy.bench.rows import Turn, document_of, faults
from deploy.bench.scratch import Bench, Worker
from deploy.local.stack import Stack

PLAN = Plan(rounds=2, window=0.5, relayed=2000, carts=1000, due=50, holders=500, messages=30)
PREPARES = {"fill", "bare_fill", "open_sink", "warm"}


class Noting:
    """Answers every job with the same turn; of timers with two, as it arms them and fires them."""

    def __init__(self, asked: list[Job], calls: int) -> None:
        self._asked, self.pid = asked, 4711
        self._turn = Turn(calls, 2.0, 1.0, 2.0, {"one": 1.0}, 9).as_json()

    async def ask(self, job: str, *arguments: object):
        self._asked.append((job, *arguments))
        return [self._turn] * 2 if job.endswith("timers") else self._turn


async def measured(told: list[float]):
    asked: list[Job] = []
    bench = Bench(ours=cast("Worker", Noting(asked, 50)), bare=cast("Worker", Noting(asked, 200)))
    return await measure(bench, PLAN, lambda _, part: told.append(part)), asked


def counted(asked):
    return [one for one in asked if one[0] not in PREPARES and one[:2] != ("messages", "first")]


async def test_every_row_is_measured_in_every_round():
    told: list[float] = []
    rows, _ = await measured(told)
    assert [row.name for row in rows] == list(NAMES)
    assert all(row.ratios == (0.25, 0.25) for row in rows)
    assert faults(document_of(rows, ""), NAMES) == []
    assert told == sorted(told)


async def test_ours_and_the_reference_take_turns_with_the_same_work():
    _, asked = await measured([])
    work = [one for one in counted(asked) if one[0] != "library_messages"]
    assert [(f"bare_{ours[0]}", bare[0]) for ours, bare in zip(work[::2], work[1::2], strict=True)] == [
        (bare[0], bare[0]) for bare in work[1::2]
    ]
    adds = [(one[-2:]) for one in work if one[0] in {"add", "bare_add"}]
    assert adds[::2] == adds[1::2] == [(1, 0.5), (8, 0.5), (32, 0.5), (64, 0.5)] * 2


async def test_messages_have_one_turn_beside_two_clients():
    _, asked = await measured([])
    found = [one for one in counted(asked) if str(one[0]).endswith("messages")]
    first = [("messages", "m0", 30), ("bare_messages", 300, 4711), ("library_messages", 90, 4711)]
    assert found == [*first, ("messages", "m1", 30), *first[1:]]


async def test_no_two_turns_of_adds_or_messages_share_their_customers():
    _, asked = await measured([])
    tags = [one[1] for one in asked if one[0] in {"add", "messages"}]
    assert len(set(tags)) == len(tags) == (4 + 1) * 2 + 1


async def test_servers_that_go_on_have_planned_before_the_first_turn():
    _, asked = await measured([])
    began = asked.index(("add", "r0c1", 1, 0.5))
    assert {one[0] for one in asked[:began]} == PREPARES | {"messages"}


def test_little_time_still_fills_whole_batches():
    plan = Plan.of(1, rounds=3)
    assert plan.window > 0
    assert plan.carts % 500 == plan.holders % 500 == 0
    assert min(plan.carts, plan.holders, plan.relayed, plan.messages) > 0


async def test_of_rows_that_are_wanted_nothing_else_is_measured():
    asked: list[Job] = []
    bench = Bench(ours=cast("Worker", Noting(asked, 50)), bare=cast("Worker", Noting(asked, 200)))
    rows = await measure(bench, PLAN, lambda *_: None, rows_named("timers, cl"))
    assert [row.name for row in rows] == ["timers, events taken in and armed", "timers, claimed and fired"]
    assert {one[0] for one in asked} - PREPARES == {"timers", "bare_timers"}


def test_rows_are_named_by_how_they_begin():
    assert rows_named("") == NAMES
    assert rows_named("read cart, 1 ") == ("read cart, 1 caller",)
    with pytest.raises(ValueError, match="relay, outbox to Kafka"):
        rows_named("carts")


@pytest.mark.parametrize("name", list(PEERS))
async def test_ours_and_a_peer_take_turns_with_as_many_callers_for_as_long(name, monkeypatch):
    place = {"url": "http://127.0.0.1:9"}

    @asynccontextmanager
    async def running(*_: object):
        yield place

    monkeypatch.setattr(peer_rounds, "running", running)
    monkeypatch.setattr(peer_rounds, "dsn_of", lambda _: lambda _: "")
    asked: list[Job] = []
    bench = Bench(ours=cast("Worker", Noting(asked, 50)), bare=cast("Worker", Noting(asked, 2)))
    rows = await peer_rounds.measure_beside(name, bench, PLAN, lambda *_: None, cast("Stack", None))
    assert [row.name for row in rows] == list(peer_rounds.rows_beside())
    assert all(row.ratios == (25, 25) for row in rows)
    assert faults(document_of(rows, ""), peer_rounds.rows_beside()) == []
    assert [(str(one[0]), list(one)[-2:]) for one in asked] == [
        (job, [callers, 2.5]) for callers in (1, 8, 32) for job in ("add", "peer_add")
    ] * 2
    assert all(list(one)[1:3] == [name, place] for one in asked if one[0] == "peer_add")
