"""What the processes say: one bounded file a stack, each line under the name of who said it."""

import hashlib
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

FILE = "stack.log"
KEPT_BYTES = 20 * 2**20
WIDTH = 16
_SEPARATOR = " | "
_POLL_S = 0.2
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Log:
    """Appends lines to the stack's file and, where wanted, shows them on a terminal."""

    def __init__(self, state: Path, show: TextIO | None = None) -> None:
        self._path = state / FILE
        self._file = self._open()
        self.show = show

    def line(self, name: str, text: str) -> None:
        """Record one line of a process."""
        self._file.write(f"{name:<{WIDTH}}{_SEPARATOR}{text}\n")
        if self._file.tell() > KEPT_BYTES:
            self._file.close()
            self._path.replace(self._path.with_name(f"{FILE}.1"))
            self._file = self._open()
        if self.show:
            print(coloured(name, text, self.show), file=self.show, flush=True)

    def _open(self) -> TextIO:
        return self._path.open("a", encoding="utf-8", buffering=1)


def coloured(name: str, text: str, out: TextIO) -> str:
    """A line as it is shown: the name in a colour of its own, if `out` is a terminal that takes colours."""
    label = f"{name:<{WIDTH}}{_SEPARATOR}"
    if not out.isatty() or "NO_COLOR" in os.environ:
        return label + text
    colour = _COLOURS[hashlib.sha256(name.encode()).digest()[0] % len(_COLOURS)]
    return f"\033[{colour}m{label}\033[0m{text}"


def recorded(state: Path, name: str | None, count: int, follow: bool = False) -> Iterator[tuple[str, str]]:
    """The newest `count` recorded lines, all or those of `name`, oldest first; then, where asked, those to come."""
    path = state / FILE
    path.touch()
    newest: deque[str] = deque(maxlen=count)
    wanted = f"{name:<{WIDTH}}{_SEPARATOR}" if name else ""
    file = path.open(encoding="utf-8", errors="replace")
    try:
        for part in (_earlier(path), file):
            newest.extend(line for line in part if line.startswith(wanted))
        yield from map(_split, newest)
        while follow:
            if line := file.readline():
                if line.startswith(wanted):
                    yield _split(line)
            elif path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(_POLL_S)
    finally:
        file.close()


def _earlier(path: Path) -> Iterator[str]:
    rotated = path.with_name(f"{FILE}.1")
    if rotated.exists():
        with rotated.open(encoding="utf-8", errors="replace") as file:
            yield from file


def _split(line: str) -> tuple[str, str]:
    name, _, text = line.rstrip("\n").partition(_SEPARATOR)
    return name.strip(), text
