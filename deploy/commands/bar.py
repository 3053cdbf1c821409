"""A progress bar; without a terminal, a line for each tenth."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

_TENTHS = 10


@contextmanager
def telling() -> Iterator[Callable[[str, float], None]]:
    """Gives a function that is told what is going on and which part of it is done, from 0 to 1."""
    console = Console(file=sys.stderr, highlight=False)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda what, part: progress.update(task, description=what, completed=part)


class _Lines:
    """Says each tenth once, and whatever begins."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def __call__(self, what: str, part: float) -> None:
        # what changes with every call, such as the time in the trace, does not begin anything
        now = (what.translate(str.maketrans("", "", "0123456789")), int(part * _TENTHS))
        if now[1] != self._last[1] or (part == 0 and now != self._last):
            print(f"{part:4.0%} {what}", file=sys.stderr, flush=True)
        self._last = now
