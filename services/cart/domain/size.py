"""How much room a cart takes: about the bytes of its JSON. Pure, and cheap enough to ask at each change."""

from collections.abc import Iterable, Mapping

from services.cart.domain.cart import Cart, Line
from services.cart.domain.remembered import Remembered

LINE_BYTES = 300
"""Of a line beside its words: ids, times, figures and the names of fields. What it remembers of its quantities is left
out: a full cart still takes another quantity.
"""


def line_bytes(line: Line) -> int:
    """Bytes of one line."""
    words = (line.sku, line.title, line.image_url, line.url, line.device, line.note)
    return LINE_BYTES + _bytes(word for word in words if word) + _of_pairs(line.options)


_known_bytes: Remembered[Line, int] = Remembered("known_bytes", line_bytes)


def cart_bytes(cart: Cart) -> int:
    """Bytes of a cart with what is set aside and written on it."""
    return sum(_known_bytes.each(cart.lines)) + sum(_known_bytes.each(cart.saved)) + _of_pairs(cart.attributes)


def _of_pairs(pairs: Mapping[str, str]) -> int:
    return _bytes(pairs.keys()) + _bytes(pairs.values()) if pairs else 0


def _bytes(words: Iterable[str]) -> int:
    return len("".join(words).encode())
