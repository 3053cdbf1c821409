"""The one way in which tests wait for what gives no signal."""

import pytest

from tests.support.eventually import eventually


async def test_it_gives_the_first_thing_that_is_true() -> None:
    answers = iter(["", "", "tea", "jam"])
    assert await eventually(lambda: next(answers)) == "tea"


async def test_it_asks_coroutine_functions_too() -> None:
    answers = iter([0, 0, 3])

    async def count() -> int:
        return next(answers)

    assert await eventually(count) == 3


async def test_an_error_that_was_told_of_means_not_yet() -> None:
    steps = iter([OSError("down"), "up"])

    def look() -> str:
        step = next(steps)
        if isinstance(step, OSError):
            raise step
        return str(step)

    assert await eventually(look, despite=OSError) == "up"


async def test_any_other_error_ends_the_wait() -> None:
    with pytest.raises(ZeroDivisionError):
        await eventually(lambda: 1 // 0, despite=OSError)


async def test_a_wait_in_vain_tells_what_was_seen_last() -> None:
    def refused() -> bool:
        raise OSError("refused")

    with pytest.raises(AssertionError, match="seen last: OSError\\('refused'\\)"):
        await eventually(refused, despite=OSError, within_s=0.05)
    with pytest.raises(AssertionError, match=r"seen last: \[\]"):
        await eventually(list, within_s=0.05)


async def test_a_timeout_of_what_is_looked_at_is_an_error_like_others() -> None:
    def look() -> bool:
        raise TimeoutError("the look itself")

    with pytest.raises(TimeoutError, match="the look itself"):
        await eventually(look)
