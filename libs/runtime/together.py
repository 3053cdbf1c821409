"""Asked apart, answered together: one call for all that was asked since the one before, and no timer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Asked, Told]):
    asked: Asked
    told: "asyncio.Future[Told]"


def _nothing(_: object) -> Collection[Hashable]:
    return ()


class Together(Generic[Asked, Told]):
    """Hands what many callers ask to `answer`, which tells them in their order; an exception that it tells is raised.

    A call begins when a turn of the event loop brings no further question: what others have heard meanwhile is dealt
    with first, and whoever asks then goes along. What is asked while `calls` of them are under way waits for the next
    one, which takes up to `most`. Of two that have a key in common (`apart`) the later one is in a later call. A call
    that ends with one of `singly` is made again for each alone, so that the fault of one stays with it; any other error
    is everybody's.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Awaitable[Sequence[Told | Exception]]],
        *,
        most: int = 64,
        calls: int = 2,
        apart: Callable[[Asked], Collection[Hashable]] = _nothing,
        singly: tuple[type[Exception], ...] = (),
    ) -> None:
        self._answer, self._most, self._apart, self._singly = answer, most, apart, singly
        self._waiting: deque[_Waiting[Asked, Told]] = deque()
        self._free, self._starting = calls, False
        self._tasks = set[asyncio.Task[None]]()

    async def __call__(self, asked: Asked) -> Told:
        """The answer to one question. Whoever is cancelled while it waits is not asked for any more."""
        told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(asked, told))
        if self._free and not self._starting:
            self._starting = True
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            return await told
        finally:
            del told  # it has the error that has this frame

    async def _work(self) -> None:
        """Takes what waits, again and again, until nothing does. It begins after all who ask in the same moment."""
        waiting = 0
        while waiting < len(self._waiting):
            waiting = len(self._waiting)
            await asyncio.sleep(0)
        self._free, self._starting = self._free - 1, False
        try:
            while taken := self._take():
                await self._tell(taken)
        finally:
            self._free += 1

    def _take(self) -> list[_Waiting[Asked, Told]]:
        taken: list[_Waiting[Asked, Told]] = []
        later: list[_Waiting[Asked, Told]] = []
        keys: set[Hashable] = set()
        while self._waiting and len(taken) < self._most:
            one = self._waiting.popleft()
            if one.told.done():
                continue
            own = self._apart(one.asked)
            (taken if keys.isdisjoint(own) else later).append(one)
            keys.update(own)
        self._waiting.extendleft(reversed(later))
        return taken

    async def _tell(self, taken: Sequence[_Waiting[Asked, Told]]) -> None:
        try:
            told = await self._answers([one.asked for one in taken])
        except BaseException:
            for one in taken:
                one.told.cancel()
            raise
        if told is None:
            for one in taken:
                await self._tell([one])
        else:
            _tell_each(taken, told)

    async def _answers(self, asked: Sequence[Asked]) -> Sequence[Told | Exception] | None:
        """One for each; None where each is to be asked alone.

        An error has this frame in its traceback: nothing here has those who are told of the error, or they would stand
        in a circle, which is freed by a collection only.
        """
        try:
            return await self._answer(asked)
        except self._singly as error:
            return [error] if len(asked) == 1 else None
        except Exception as error:  # noqa: BLE001 - it is those who asked to whom it matters
            return [error] * len(asked)


def _tell_each(taken: Sequence[_Waiting[Asked, Told]], told: Sequence[Told | Exception]) -> None:
    for one, answer in zip(taken, told, strict=True):
        if one.told.done():
            continue
        if isinstance(answer, Exception):
            one.told.set_exception(answer)
        else:
            one.told.set_result(answer)
