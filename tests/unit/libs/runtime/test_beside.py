"""Works beside each other: all end before a failure is told."""

import asyncio

import pytest

from libs.runtime.beside import beside


async def test_what_all_of_them_gave_in_their_order() -> None:
    met = asyncio.Barrier(2)

    async def one(number: int) -> int:
        await met.wait()
        return number

    assert await beside(one(1), one(2)) == [1, 2]
    assert await beside() == []


async def test_the_first_failure_is_raised_when_none_is_under_way() -> None:
    failed, ended = asyncio.Event(), list[str]()

    async def fails() -> None:
        failed.set()
        raise ValueError("no")

    async def goes_on() -> None:
        await failed.wait()
        await asyncio.sleep(0)
        ended.append("ended")

    with pytest.raises(ValueError, match="no"):
        await beside(fails(), goes_on())
    assert ended == ["ended"]
