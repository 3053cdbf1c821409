"""Work of many callers done together: what waits goes in one batch as soon as a batch before it returns. No timer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar, cast

Q = TypeVar("Q")
A = TypeVar("A")

AT_ONCE = 2
"""Turns that are under way at a time: one in the database while the answers of the other are made. Up to so many
callers nobody waits for anybody, and nothing costs more than without batches.
"""
MOST = 64
"""Questions in a batch: more would only wait for each other."""
PATIENCE_S = 0.1
"""Who asks alone for longer waits for something of their own, such as a row that is held: the turn goes on without.
"""
_YOUR_TURN = object()


class Batches(Generic[Q, A]):
    """Answers each question by `together` with the others that wait, or by `alone` where nobody else does.

    What `together` answers by None, its caller asks `alone`; so does each of a batch that ends with one of `undone`,
    after which nothing was done: one caller's trouble is not another's. Any other error is that of all: what was done
    is unknown.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Q]], Awaitable[Sequence[A | None]]],
        alone: Callable[[Q], Awaitable[A]],
        undone: tuple[type[Exception], ...],
        *,
        most: int = MOST,
    ) -> None:
        self._together, self._alone, self._undone, self._most = together, alone, undone, most
        self._free = AT_ONCE
        self._waiting: list[tuple[Q, asyncio.Future[Any]]] = []
        self._tasks = set[asyncio.Task[None]]()

    async def ask(self, question: Q) -> A:
        """The answer. Raises what `alone` raises, or `together` but for `undone`."""
        if self._free:
            self._free -= 1
            return await self._ask_in_turn(question)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        try:
            answer = await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._hand_on(future.result())
            raise
        finally:
            del future  # it has the error that has this frame
        if answer is _YOUR_TURN:
            return await self._ask_in_turn(question)
        return await self._alone(question) if answer is None else cast("A", answer)

    async def _ask_in_turn(self, question: Q) -> A:
        mine = True

        def end() -> None:
            nonlocal mine
            if mine:
                mine = False
                self._next()

        timer = asyncio.get_running_loop().call_later(PATIENCE_S, end)
        try:
            return await self._alone(question)
        finally:
            timer.cancel()
            end()

    def _hand_on(self, given: object) -> None:
        """The turn of somebody who has given up."""
        if given is _YOUR_TURN:
            self._next()

    def _next(self) -> None:
        """A turn has ended: it goes to those who wait, in the order in which they came."""
        self._waiting = [one for one in self._waiting if not one[1].done()]  # the others have given up
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if not batch:
            self._free += 1
        elif len(batch) == 1:
            batch[0][1].set_result(_YOUR_TURN)
        else:
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, batch: Sequence[tuple[Q, asyncio.Future[Any]]]) -> None:
        answers: Sequence[A | Exception | None] = [None] * len(batch)
        try:
            answers = await self._tried([question for question, _ in batch])
        finally:
            self._next()
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_exception(answer) if isinstance(answer, Exception) else future.set_result(answer)

    async def _tried(self, questions: Sequence[Q]) -> Sequence[A | Exception | None]:
        """One for each. What fails has this frame in its traceback: nothing here has those who are told, or they would
        stand in a circle, which is freed by a collection only.
        """
        try:
            return await self._together(questions)
        except self._undone:
            return [None] * len(questions)
        except Exception as error:  # noqa: BLE001 - whatever it is, each of them is told
            return [error] * len(questions)
