"""What shoppers of a trace set aside for later, and take back: carts as they are then. Pure."""

from deploy.traffic.shoppers import Line, Shopper
from libs.contracts.events import CartLine


def set_aside(cart: Shopper, sku: str) -> Shopper | None:
    """The cart without a product, which stands aside now; None where it is not in it."""
    moved = _moved(cart.lines, cart.aside, sku)
    return cart._replace(lines=moved[0], aside=moved[1]) if moved else None


def taken_back(cart: Shopper, sku: str) -> Shopper | None:
    """The cart with a product in it again; None where it is not aside."""
    moved = _moved(cart.aside, cart.lines, sku)
    return cart._replace(aside=moved[0], lines=moved[1]) if moved else None


def _moved(
    whence: tuple[Line, ...], whither: tuple[Line, ...], sku: str
) -> tuple[tuple[Line, ...], tuple[Line, ...]] | None:
    """Both without and with a product's line, which is the only one of it; None where there is none to move."""
    line = next((one for one in whence if one[0] == sku), None)
    if line is None:
        return None
    return tuple(one for one in whence if one is not line), (*(one for one in whither if one[0] != sku), line)


def told_lines(cart: Shopper, currency: str) -> tuple[CartLine, ...]:
    """All lines of a cart as its event tells them, those that are aside last."""
    bought = [CartLine(sku, units, price) for sku, units, price in cart.lines]
    aside = [CartLine(sku, units, price, saved=True, currency=currency) for sku, units, price in cart.aside]
    return (*bought, *aside)
