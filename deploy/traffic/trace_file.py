"""The cells of a trace's file: CSV, plain or gzip, from a file or from a pipe."""

import codecs
import csv
import gzip
import io
import sys
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

PIPE = Path("-")
"""Stands for the standard input."""
MOST_OF_A_LINE = 1_000_000


class TrafficError(ValueError):
    """A trace that can't be read; the message names file, line and field, and what is wrong."""


@dataclass(slots=True)
class Reading:
    """How far a file has been read."""

    columns: tuple[str, ...] = ()
    """Of its header, once that was read."""
    _raw: BinaryIO | None = None
    _size: int = 0

    def begin(self, raw: BinaryIO, size: int) -> None:
        """From now on `raw` is read, which has so many bytes."""
        self._raw, self._size = raw, size

    @property
    def part(self) -> float | None:
        """Which part of it is done, from 0 to 1; None where nobody knows: a pipe."""
        if self._raw is None or self._raw.closed:
            return None
        return self._raw.tell() / max(1, self._size)


def name_of(path: Path) -> str:
    """What people know it by."""
    return "stdin" if path == PIPE else path.name


def numbered(
    path: Path, headers: Sequence[list[str]], reading: Reading | None = None
) -> Generator[tuple[int, list[str]], None, None]:
    """Rows below the header, which is one of `headers`, as cells without blanks around them, with the line on which
    each ends; empty lines are passed over. Raises `TrafficError`.
    """
    reader = csv.reader(_lines(path, reading), strict=True)
    try:
        header = next(reader, [])
        columns = [cell.strip() for cell in header]
        if reading is not None:
            reading.columns = tuple(columns)
        if columns not in headers:
            raise TrafficError(f"{name_of(path)}:1: header: the first line is not {','.join(headers[0])}")
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        raise TrafficError(f"{name_of(path)}:{reader.line_num}: row: {error}") from None


def _lines(path: Path, reading: Reading | None) -> Iterator[str]:
    """The lines of a file, plain or gzip, without a byte-order mark."""
    number, name = 1, name_of(path)
    with _opened(path, reading) as file:
        try:
            while line := file.readline(MOST_OF_A_LINE + 1):
                if len(line) > MOST_OF_A_LINE:
                    raise TrafficError(f"{name}:{number}: row: longer than {MOST_OF_A_LINE:,} bytes")
                if number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise TrafficError(f"{name}:1: file: is UTF-16, not UTF-8")
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                number += 1
        except UnicodeDecodeError:
            raise TrafficError(f"{name}:{number}: row: is not UTF-8") from None
        except EOFError:
            raise TrafficError(f"{name}:{number}: file: the gzip ends in the middle") from None
        except (gzip.BadGzipFile, zlib.error):
            raise TrafficError(f"{name}:{number}: file: the gzip is damaged") from None
        except OSError as error:
            raise TrafficError(f"{name}:{number}: file: {error.strerror}") from None


@contextmanager
def _opened(path: Path, reading: Reading | None) -> Iterator[BinaryIO | gzip.GzipFile]:
    if path == PIPE:
        piped = io.BufferedReader(cast("io.RawIOBase", sys.stdin.buffer))  # what can be read into is raw enough
        try:
            with _unzipped(piped) as file:
                yield file
        finally:
            piped.detach()
        return
    try:
        raw = path.open("rb")
    except OSError as error:
        raise TrafficError(f"{name_of(path)}:1: file: {error.strerror}") from None
    with raw:
        if reading is not None:
            reading.begin(raw, path.stat().st_size)
        with _unzipped(raw) as file:
            yield file


@contextmanager
def _unzipped(raw: BinaryIO) -> Iterator[BinaryIO | gzip.GzipFile]:
    head: bytes = raw.peek(2)[:2]  # type: ignore[attr-defined] # what is opened for reading is buffered
    if head != b"\x1f\x8b":
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unzipped:
        yield unzipped
