"""Ours and a peer's adds in turn."""

from deploy.bench.peers.process import running
from deploy.bench.peers.registry import PEERS
from deploy.bench.rounds import Job, Pairs, Plan, Tell, both
from deploy.bench.rows import Row
from deploy.bench.scratch import Bench
from deploy.local.servers import dsn_of
from deploy.local.stack import Stack

CALLERS = (1, 8, 32)
_LONGER = 5
"""Than a turn of the plan: there are fewer rows, and a peer answers a few dozen calls a second."""


def rows_beside() -> tuple[str, ...]:
    """The names of the rows."""
    return tuple(f"add to cart, {n} caller{'s' * (n > 1)}" for n in CALLERS)


async def measure_beside(name: str, bench: Bench, plan: Plan, tell: Tell, stack: Stack) -> list[Row]:
    """A row for each number of callers: our API, and in turn the peer of that name. Raises `BenchError`."""
    peer = PEERS[name]
    window = plan.window * _LONGER
    found: dict[str, Pairs] = {}
    async with running(peer, dsn_of(stack)(""), lambda text: tell(text, 0)) as place:
        for number in range(plan.rounds):
            for done, (row, callers) in enumerate(zip(rows_beside(), CALLERS, strict=True)):
                tell(f"round {number + 1} of {plan.rounds}: {row}", (number + done / len(CALLERS)) / plan.rounds)
                ours: Job = ("add", f"p{number}c{callers}", callers, window)
                theirs: Job = ("peer_add", name, place, callers, window)
                found.setdefault(row, []).extend(await both(bench, ours, theirs)())
    return [Row.of(row, turns) for row, turns in found.items()]
