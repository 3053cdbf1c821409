"""What ends the reminders that run for a cart whose goods stay as they are: the words of `exit_on`. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from libs.contracts.events import OrderPlaced

ORDER_PLACED = OrderPlaced.type
"""The customer ordered something, with whatever cart, or with none."""
IN_ANY_CASE = ("cart.ordered", "cart.emptied")
"""What ends them whether a campaign says so or not: there is nothing left to remind of."""
NOT_YET = ("message.clicked",)
"""Words that a campaign file is told of in a sentence of their own."""

Exits = tuple[str, ...]
BY_ORDERS: Exits = (ORDER_PLACED,)
"""Of a campaign that says nothing."""

_USE = f"use {ORDER_PLACED}, or [] where no order ends them; {' and '.join(IN_ANY_CASE)} always do"


def _known(word: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    named = next(iter(word), None) if isinstance(word, Mapping) else word  # `message.clicked: 12h`
    if named in NOT_YET:
        raise ValueError(f"{named} is not supported yet: {_USE}")
    if word not in (ORDER_PLACED, *IN_ANY_CASE):
        raise ValueError(f"nothing of this name ends reminders: {_USE}")
    return word


def _each_once(words: Exits) -> Exits:
    return tuple(dict.fromkeys(words))


ExitOn = Annotated[tuple[Annotated[str, BeforeValidator(_known)], ...], AfterValidator(_each_once)]
"""As a campaign file says it."""
