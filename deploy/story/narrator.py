"""Tells a person what is happening: a heading a step, a tick for each thing that was found to be so."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

_TICK_S = 0.2


class NotSoError(Exception):
    """Something in the story is not so; the message is one sentence for a person."""


class Narrator:
    """Prints to a console; without a terminal there is no colour and nothing moves."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=False)
        plain = self.console.encoding.lower().replace("-", "") != "utf8"
        self._tick, self._cross, self._quote = ("ok", "!!", "|") if plain else ("✓", "✗", "│")
        self._number = 0

    def title(self, text: str, below: str) -> None:
        """The first words."""
        self.console.print()
        self.console.print(Text.assemble((text, "bold"), "  ", (below, "dim")), soft_wrap=True)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[str], None]]:
        """Gives a function that tells how far something is: on one line that changes, or line by line."""
        if not self.console.is_terminal:
            self.console.print(f"[dim]{escape(what)}[/]")
            yield self._passing
            return
        with self.console.status(f"[dim]{escape(what)}[/]", spinner="dots") as status:
            yield lambda text: status.update(f"[dim]{escape(what)}: {escape(text.removesuffix('…').strip())}[/]")

    def _passing(self, text: str) -> None:
        if not text.endswith("…"):  # which says that a better text is about to follow
            self._line("", text, "dim", indent=2)

    @contextmanager
    def step(self, heading: str) -> Iterator[None]:
        """One chapter; its time is told at its end, and a failure in it is marked."""
        self._number += 1
        began = time.monotonic()
        self.console.print()
        self.console.print(f"[bold cyan]{self._number:>2}[/]  [bold]{escape(heading)}[/]")
        try:
            yield
        except Exception:
            self.console.print(f"    [red]{self._cross} this is where the story stops[/]")
            raise
        took = time.monotonic() - began
        if took >= 1:
            self.console.print(f"      [dim]{took:.1f} s[/]")

    def found(self, text: str) -> None:
        """Something was checked and is so."""
        self._line(f"[green]{self._tick}[/]", text)

    def quote(self, lines: list[str]) -> None:
        """The words of a message, as its recipient reads them."""
        for line in lines:
            self._line(f"[dim]{self._quote}[/]", line, "italic", indent=6)

    def _line(self, mark: str, text: str, style: str = "none", indent: int = 4) -> None:
        """On a terminal long text is wrapped behind its mark; elsewhere lines stay whole, for programs to read."""
        if not self.console.is_terminal:
            self.console.print(f"{' ' * indent}{mark} [{style}]{escape(text)}[/]", soft_wrap=True)
            return
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_row(mark, Text(text, style, overflow="fold"))
        self.console.print(Padding(row, (0, 0, 0, indent), expand=False))

    def end(self, text: str) -> None:
        """The last words of a story that came true."""
        self.console.print()
        self.console.print(Panel.fit(f"[bold green]{escape(text)}[/]", border_style="green", padding=(0, 2)))

    def afterwards(self, lines: list[str]) -> None:
        """What there is to be seen when the story is over; addresses stay whole."""
        self.console.print()
        for line in lines:
            self.console.print(escape(line), soft_wrap=True)

    @asynccontextmanager
    async def waiting(self, what: str, until: datetime | None = None) -> AsyncIterator[None]:
        """Shows what is waited for, counting down to `until`; one line where nothing can move."""
        if not self.console.is_terminal:
            self._line("[dim].[/]", _countdown(what, until), "dim")
            yield
            return
        with self.console.status(f"[dim]{escape(_countdown(what, until))}[/]", spinner="dots") as status:

            async def count() -> None:
                while True:
                    await asyncio.sleep(_TICK_S)
                    status.update(f"[dim]{escape(_countdown(what, until))}[/]")

            counting = asyncio.create_task(count())
            try:
                yield
            finally:
                counting.cancel()


def _countdown(what: str, until: datetime | None) -> str:
    left = (until - datetime.now(UTC)).total_seconds() if until else 0
    return f"{what} (in {left:.0f} s)" if left >= 1 else what


def ensure(holds: object, otherwise: str) -> None:
    """Raises `NotSoError` with the sentence `otherwise` unless it `holds`."""
    if not holds:
        raise NotSoError(otherwise)
