"""What the processes say: one bounded file a stack, each line under the name of who said it."""

import errno
import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO

FILE = "stack.log"
KEPT_BYTES = 20 * 2**20
WIDTH = 16
_SEPARATOR = " | "
_POLL_S = 0.2
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class Log:
    """Appends lines to the stack's file and, where wanted, shows them on a terminal.

    A disk that is full costs lines, and how many is written as soon as there is room; it never stops who speaks here.
    """

    def __init__(self, state: Path, show: TextIO | None = None) -> None:
        self._path = state / FILE
        self._file: IO[bytes] | None = None
        self._lost, self._torn = 0, False
        self.show = show

    def line(self, name: str, text: str) -> None:
        """Record one line of a process."""
        try:
            if self._lost:
                self._write("evercart", f"{self._lost} lines were lost here, for the disk took none")
                self._lost = 0
            self._write(name, text)
        except OSError:
            self._lost += 1
            self._file = None
        if self.show:
            try:
                print(coloured(name, text, self.show), file=self.show, flush=True)
            except OSError:
                self.show = None  # nobody looks any more

    def _write(self, name: str, text: str) -> None:
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)  # what a buffer could not get rid of would come twice
        line = f"{name:<{WIDTH}}{_SEPARATOR}{text}\n".encode(errors="replace")
        if self._torn:
            line = b"\n" + line
        taken = self._file.write(line) or 0
        if taken < len(line):
            self._torn = self._torn or taken > 0
            raise OSError(errno.ENOSPC, "only a part of the line was taken")
        self._torn = False
        if self._file.tell() > KEPT_BYTES:
            self._file.close()
            self._file = None
            self._path.replace(self._path.with_name(f"{FILE}.1"))


def in_lines(text: str) -> list[str]:
    """A recorded line as people read it: a traceback that stands in a line of JSON comes as the lines that it is."""
    if not text.startswith("{"):
        return [text]
    try:
        said = json.loads(text)
    except ValueError:
        return [text]
    trace = said.pop("exception", None) if isinstance(said, dict) else None
    return [json.dumps(said, ensure_ascii=False), *trace.splitlines()] if isinstance(trace, str) else [text]


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
