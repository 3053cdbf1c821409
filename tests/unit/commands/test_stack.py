"""Which stack a command or a benchmark works with."""

from pathlib import Path

import pytest

from deploy.commands.stack import only_running, running
from deploy.local.errors import LocalStackError
from deploy.local.folders import Running, take
from deploy.local.stack import Stack


async def test_where_no_stack_runs_and_none_was_named_there_is_none(tmp_path: Path) -> None:
    Stack(state=begun(tmp_path)).save()
    assert await running(tmp_path, None) is None
    with pytest.raises(LocalStackError, match="No stack runs"):
        only_running(tmp_path, None)


async def test_a_named_stack_that_does_not_run_is_told(tmp_path: Path) -> None:
    begun(tmp_path)
    with pytest.raises(LocalStackError, match="No stack runs in"):
        await running(tmp_path, 1)


async def test_the_numbered_stack_is_chosen_else_the_first(tmp_path: Path) -> None:
    held = [take(tmp_path) for _ in range(2)]
    for state, _ in held:
        Stack(state=state).save()
        Running(1, ready=True, processes=()).save(state)
    for number, name in ((None, "1"), (1, "1"), (2, "2")):
        found = await running(tmp_path, number)
        assert found == only_running(tmp_path, number)
        assert found is not None
        assert found.state.name == name
    for _, lock in held:
        lock.close()


def begun(base: Path) -> Path:
    """The folder of a stack that has ended."""
    state, lock = take(base)
    lock.close()
    return state
