"""What a change did to the lines of a large cart, where that was to one of them: the rest need not be written. Pure."""

from services.cart.domain.cart import Line

FEWEST = 12
"""Lines below which writing them all costs no more."""


def changed_place(before: tuple[Line, ...], after: tuple[Line, ...]) -> int | None:
    """The place of the one line that is another, or that came to the end; None where the cart is small, or where more
    than that has changed. Lines that stay are the same objects.
    """
    if len(before) < FEWEST or len(after) < len(before):
        return None
    places = [place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one is not other]
    places += range(len(before), len(after))
    return places.pop() if len(places) == 1 else None
