"""What is on its way to readers of streams in this process, in bytes: readers who never read don't fill its memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

MAX_WAITING = 64 * 1024 * 1024

WAITING = Gauge("evercart_cart_stream_bytes_waiting", "Bytes of states that readers of streams have not taken yet")


class SendBudget:
    """Bytes that wait for readers. Where there is no room for more, who has waited longest is let go: what goes to a
    reader that reads nothing waits longer than what goes to a slow one.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = MAX_WAITING if limit is None else limit
        self._waiting: dict[object, tuple[int, Callable[[], object]]] = {}
        self.bytes = 0

    @contextmanager
    def sending(self, size: int, let_go: Callable[[], object]) -> Iterator[None]:
        """While it lasts `size` bytes wait for a reader; `let_go` ends that one's stream."""
        while self._waiting and self.bytes + size > self._limit:
            oldest = next(iter(self._waiting))
            end = self._waiting[oldest][1]
            self._done(oldest)
            end()
        ticket = object()
        self._waiting[ticket] = (size, let_go)
        self._count(size)
        try:
            yield
        finally:
            self._done(ticket)

    def _done(self, ticket: object) -> None:
        if ticket in self._waiting:
            self._count(-self._waiting.pop(ticket)[0])

    def _count(self, size: int) -> None:
        self.bytes += size
        WAITING.inc(size)
