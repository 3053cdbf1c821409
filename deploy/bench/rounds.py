"""The rounds: ours, bare, ours, bare, so that a machine that slows down slows both."""

from collections.abc import Callable

from deploy.bench.pairs import Pair
from deploy.bench.scratch import Bench

ROUNDS = 3
CALLERS = (1, 8, 32)
_HTTP_SHARE = 0.55
_RELAYED_PER_SECOND, _CARTS_PER_SECOND = 300, 60
"""How much work fits into each second of the whole time that is granted."""

Tell = Callable[[str, float], None]


async def measure(bench: Bench, seconds: float, tell: Tell) -> list[Pair]:
    """All pairs, in about so many seconds altogether."""
    window = max(0.2, seconds * _HTTP_SHARE / (ROUNDS * len(CALLERS) * 4))
    relayed, carts = int(seconds * _RELAYED_PER_SECOND), int(seconds * _CARTS_PER_SECOND)
    cells: dict[str, list[tuple[float, float]]] = {}
    await bench.http.ask("fill", "read")
    for number in range(ROUNDS):
        for operation, words in (("add", "add to cart"), ("read", "read cart")):
            for callers in CALLERS:
                tell(f"round {number + 1} of {ROUNDS}: {words}, {callers} callers", number / ROUNDS)
                tag = "read" if operation == "read" else f"r{number}c{callers}"
                rate = await bench.http.ask(operation, tag, callers, window)
                limit = await bench.bare.ask(f"bare_{operation}", _of_bare(tag), callers, window)
                cells.setdefault(f"{words} over HTTP, {callers} callers", []).append((rate, limit))
        tell(f"round {number + 1} of {ROUNDS}: relay", (number + 0.7) / ROUNDS)
        moved = await bench.http.ask("relay", relayed), await bench.bare.ask("bare_relay", relayed)
        cells.setdefault("relay, outbox to Kafka", []).append(moved)
        tell(f"round {number + 1} of {ROUNDS}: timers", (number + 0.85) / ROUNDS)
        ours, bare = await bench.http.ask("timers", carts), await bench.bare.ask("bare_timers", carts)
        for name, position in (("timers, events taken in and armed", 0), ("timers, claimed and fired", 1)):
            cells.setdefault(name, []).append((ours[position], bare[position]))
    return [Pair(name, tuple(a for a, _ in found), tuple(b for _, b in found)) for name, found in cells.items()]


def _of_bare(tag: str) -> str:
    """Both sides read the same carts, but each adds to carts of its own."""
    return tag if tag == "read" else f"{tag}bare"
