"""Lines that are put together from several carts. Pure: no limit is exceeded, and what does not fit is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.cart.domain.cart import Line, SavedLine
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL, WIDEST, Limits, Pricing
from services.cart.domain.merge.receipt import Reason
from services.cart.domain.saved_lines import set_aside
from services.cart.domain.size import line_bytes


class Basket:
    """The lines of one cart in one currency, and those that are set aside, while they are being gathered.

    `stock` holds the units of a sku that can be sold, where that is known. `limits` are those of the store, for what is
    in the cart; what is set aside has room for as much as any store's cart, so that nothing is lost over them. Their
    size is for both together, and nobody gathers that much by hand.
    """

    def __init__(
        self,
        currency: str | None,
        lines: Iterable[Line],
        saved: Iterable[SavedLine],
        stock: Mapping[str, int],
        limits: Limits = WIDEST,
    ) -> None:
        self.currency, self._stock, self._limits = currency, stock, limits
        self._lines = {line.line_id: line for line in lines}
        self._saved = {line.line_id: line for line in saved}
        self._total = sum(line.total for line in self._lines.values())
        self._size = sum(map(line_bytes, (*self._lines.values(), *self._saved.values())))
        self._units: dict[str, int] = {}
        for line in self._lines.values():
            self._units[line.sku] = self._units.get(line.sku, 0) + line.quantity

    @property
    def pricing(self) -> Pricing:
        """Whose prices count in the store."""
        return self._limits.prices

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is in the cart."""
        return tuple(self._lines.values())

    @property
    def saved(self) -> tuple[SavedLine, ...]:
        """What is set aside."""
        return tuple(self._saved.values())

    def line(self, line_id: UUID) -> Line | None:
        """The line that stands in the cart under this id."""
        return self._lines.get(line_id)

    def room(self, line: Line) -> tuple[int, Reason | None]:
        """Units of this line that fit in place of what is there of it, and what stops the others.

        What is in the cart already is not measured against the stock again: that is no reason to take it out.
        """
        there = self._lines.get(line.line_id)
        if there is None and len(self._lines) >= self._limits.lines:
            return 0, "limit"
        grown = line_bytes(line) - (line_bytes(there) if there else 0)
        if grown > 0 and self._size + grown > self._limits.size:
            return 0, "limit"
        fits, reason = line.quantity, None
        for most, why in self._bounds(line, there):
            if most < fits:
                fits, reason = most, why
        return fits, reason

    def _bounds(self, line: Line, there: Line | None) -> Iterable[tuple[int, Reason]]:
        held = there.quantity if there else 0
        yield max(self._limits.quantity, held), "limit"
        available = self._stock.get(line.sku)
        if available is not None:
            yield max(available - self._units.get(line.sku, 0) + held, held), "stock"
        if line.price:
            yield (MAX_TOTAL - self._total + (there.total if there else 0)) // line.price, "limit"

    def put(self, line: Line) -> None:
        """Puts a line into the cart in place of what is there of it."""
        there = self._lines.get(line.line_id)
        self._lines[line.line_id] = line
        self._size += line_bytes(line) - (line_bytes(there) if there else 0)
        self._total += line.total - (there.total if there else 0)
        self._units[line.sku] = self._units.get(line.sku, 0) + line.quantity - (there.quantity if there else 0)

    def shelve(self, line: Line, quantity: int, currency: str, now: datetime) -> int:
        """Sets units of a line aside, beside what is aside of it; returns those for which there is no room.

        What is aside of it in another currency is shown at the price that came last.
        """
        aside = self._saved.get(line.line_id)
        if aside is None and (len(self._saved) >= MAX_LINES or self._size + line_bytes(line) > self._limits.size):
            return quantity
        held = aside.quantity if aside else 0
        fits = min(quantity, MAX_QUANTITY - held)
        if fits > 0:
            saved = set_aside(line, currency, now)
            units = held + fits
            note = saved.note or (aside.note if aside else None)
            self._saved[line.line_id] = replace(saved, quantity=units, total=saved.price * units, note=note)
            self._size += line_bytes(self._saved[line.line_id]) - (line_bytes(aside) if aside else 0)
        return quantity - max(fits, 0)
