"""What is wrong with a template, and where. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEADER = re.compile(r"^\[([\w.]+)\]")
_KEY = re.compile(r"^(\w+)\s*=")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault: `file` below the folder of templates, the line from 1, the name of the rule, and what it found."""

    file: str
    line: int
    rule: str
    said: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.rule}: {self.said}"


def lines_of(source: str) -> Mapping[str, int]:
    """Where each phrase of a file of words stands, by its path (`low_stock.subject.one`)."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(source.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[1]
            found[table] = number
        elif key := _KEY.match(line):
            found[f"{table}.{key[1]}" if table else key[1]] = number
    return found
