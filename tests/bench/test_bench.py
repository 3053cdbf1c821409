"""The benchmark itself works; how fast anything is, is no matter of tests."""

from deploy.bench.rounds import CALLERS, ROUNDS, measure
from deploy.bench.scratch import scratch
from deploy.commands.stack import started


async def test_every_pair_is_measured_in_every_round(tmp_path, postgres_server, kafka):
    told: list[float] = []
    async with started(tmp_path, lambda _: None, postgres_server, kafka) as stack, scratch(stack) as bench:
        pairs = await measure(bench, 2, lambda _, part: told.append(part))
    assert len(pairs) == 2 * len(CALLERS) + 3
    assert all(len(pair.ours) == len(pair.bare) == ROUNDS for pair in pairs)
    assert all(rate > 0 for pair in pairs for rate in (*pair.ours, *pair.bare))
    assert told == sorted(told)
