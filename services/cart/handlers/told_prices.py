"""Commands decided with what the store has told of prices, where that matters."""

from libs.postgres.pool import Connection
from services.cart.db import prices
from services.cart.domain.cart import Cart, Change, Context
from services.cart.domain.commands import Command
from services.cart.domain.decide import decide
from services.cart.domain.limits import Limits
from services.cart.domain.prices import asked_of_store


async def decide_with_prices(
    connection: Connection, cart: Cart, command: Command, context: Context, limits: Limits
) -> Change | None:
    """The change that a command makes. What the store has told is asked after only where it may matter: in a store that
    trusts its pages, where these do not agree.
    """
    if limits.prices == "trusted":
        change = decide(cart, command, context, limits)
        if change is None or not change.notices:
            return change
    goods = asked_of_store(cart, command, limits.prices)
    told = None if goods is None else await prices.told(connection, cart.store_id, goods)
    return decide(cart, command, context, limits, told)
