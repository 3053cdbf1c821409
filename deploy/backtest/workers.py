"""A backtest over several processes: each has some of the shoppers, and the lines are put in order again.

Whatever one shopper is told hangs on what that shopper did, and on what is told of items, which all processes hear. So
the lines are the same for any number of processes; where people stand in line for an item there is one.
"""

import gc
import marshal
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.connection import Connection
from queue import SimpleQueue
from socket import socketpair
from subprocess import DEVNULL, Popen
from threading import Thread
from typing import Protocol
from zlib import crc32

from deploy.backtest.run import Numbered
from deploy.backtest.shard import Counted, Shard, Trial, Written, merged
from deploy.traffic.trace import OF_ITEMS, Row
from services.trigger.domain.timing.numbered import moment_of, number_of

AT_ONCE = 1_024
"""Rows between two times that what is known is asked of all processes."""
AHEAD = 4
"""So many times all may be behind the first: what one batch costs more in one process another one costs less."""
_BEGIN = "import sys; from deploy.backtest.workers import work; work(int(sys.argv[1]))"
_SLOTS = 64
_FEWER = 5
"""The first process reads and writes as well, and takes so many slots less than an equal share."""


class Beside(Protocol):
    """A shard somewhere else, that is asked and answers later."""

    def send(self, rows: Sequence[Numbered], until: datetime) -> None:
        """Rows for it, after which those of others reach to a moment."""

    def receive(self) -> Written:
        """What it knew after the rows that were sent first of those that were not answered."""

    def end(self) -> tuple[Written, Counted]:
        """What it knows at the end, and what that came to."""


class Workers:
    """Shards that work at the same time: the first one here, the others beside it."""

    def __init__(self, here: Shard, beside: Sequence[Beside] = ()) -> None:
        self._here, self._beside = here, beside
        self._part_of = bytes(_parts(1 + len(beside)))
        self._own = deque[Written]()

    def rows(self, rows: Sequence[Numbered]) -> Written:
        """Takes rows in; what was known of some before, complete and in order."""
        until = rows[-1][1].at
        parts = self._split(rows) if self._beside else [rows]
        for one, part in zip(self._beside, parts[1:], strict=True):
            one.send(part, until)
        self._own.append(self._here.rows(parts[0], until))
        return self._known() if len(self._own) > AHEAD else Written([], [])

    def end(self) -> tuple[list[Written], Counted]:
        """The rest in order, and what all came to."""
        known = [self._known() for _ in range(len(self._own))]
        ends = [self._here.end(), *[one.end() for one in self._beside]]
        total = ends[0][1]
        for _, counted in ends[1:]:
            total += counted
        return [*known, _together([written for written, _ in ends])], total

    def _known(self) -> Written:
        return _together([self._own.popleft(), *[one.receive() for one in self._beside]])

    def _split(self, rows: Iterable[Numbered]) -> list[list[Numbered]]:
        parts: list[list[Numbered]] = [[] for _ in range(1 + len(self._beside))]
        part_of, passed_over = self._part_of, self._here.passed_over
        for one in rows:
            event = one[1].event
            if event in OF_ITEMS:
                for part in parts:
                    part.append(one)
            elif event not in passed_over:
                parts[part_of[crc32(one[1].customer_id.encode()) % _SLOTS]].append(one)
        return parts


def _parts(number: int) -> Iterator[int]:
    if number == 1:
        return iter([0] * _SLOTS)
    first = max(0, _SLOTS // number - _FEWER)
    return iter([0] * first + [1 + slot % (number - 1) for slot in range(_SLOTS - first)])


def _together(parts: Sequence[Written]) -> Written:
    return Written(merged([one.decisions for one in parts]), merged([one.differences for one in parts]))


class WorkerError(RuntimeError):
    """A process beside this one has ended before its work."""


class Sending:
    """Writes to a pipe while others work, who need not wait until it was read. Where nobody reads any more it ends."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._pieces = SimpleQueue[bytes | None]()
        self._thread = Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, piece: bytes) -> None:
        """Something to write, after all before it."""
        self._pieces.put(piece)

    def end(self) -> None:
        """All is written, or nobody reads."""
        self._pieces.put(None)
        self._thread.join()

    def _write(self) -> None:
        with suppress(OSError):
            while (piece := self._pieces.get()) is not None:
                self._pipe.send_bytes(piece)


class Worker:
    """A shard in a process of its own, that loads nothing but what it needs."""

    def __init__(self, trial: Trial) -> None:
        ours, theirs = socketpair()
        with theirs:
            words = [sys.executable, "-c", _BEGIN, str(theirs.fileno())]
            env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            self._process = Popen(words, stdin=DEVNULL, pass_fds=[theirs.fileno()], env=env)
        self._pipe = Connection(ours.detach())
        with _alive():
            self._pipe.send(trial)
        self._sending = Sending(self._pipe)

    def send(self, rows: Sequence[Numbered], until: datetime) -> None:
        """Rows for it, packed: the same moment is the same number."""
        packed = [(number, number_of(row.at), *row[1:]) for number, row in rows]
        self._sending.put(marshal.dumps((packed, number_of(until))))

    def receive(self) -> Written:
        """What it knew then. Raises `WorkerError`."""
        with _alive():
            return Written._make(marshal.loads(self._pipe.recv_bytes()))  # noqa: S302 - from our own process

    def end(self) -> tuple[Written, Counted]:
        """What it knows at the end. Raises `WorkerError`."""
        self._sending.put(b"")
        with _alive():
            written, counted = self.receive(), self._pipe.recv()
        return written, counted

    def close(self) -> None:
        """It ends, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._sending.end()
        self._pipe.close()


@contextmanager
def _alive() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError):
        raise WorkerError("a process of the backtest has ended too early") from None


@contextmanager
def working(trial: Trial, number: int) -> Iterator[Workers]:
    """So many processes, this one among them."""
    others: list[Worker] = []
    try:
        others += (Worker(trial) for _ in range(number - 1))
        yield Workers(Shard(trial), others)
    finally:
        for one in others:
            one.close()


def work(number: int) -> None:
    """The process beside: answers each batch of rows by the socket of that number, until there are no more, or nobody
    asks.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked hears of it, and closes the pipe
    gc.disable()
    pipe = Connection(number)
    try:
        shard, sending = Shard(pipe.recv()), Sending(pipe)
        while packed := pipe.recv_bytes():
            rows, until = marshal.loads(packed)  # noqa: S302 - from our own process
            # by its name a named tuple costs twice as much
            numbered = ((number, tuple.__new__(Row, (moment_of(at), *cells))) for number, at, *cells in rows)
            sending.put(marshal.dumps(tuple(shard.rows(numbered, moment_of(until)))))
        written, counted = shard.end()
        sending.put(marshal.dumps(tuple(written)))
        sending.end()
        pipe.send(counted)
    except (EOFError, ConnectionError):
        return
