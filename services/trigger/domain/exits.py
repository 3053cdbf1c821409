"""What ends the reminders that run for a cart whose goods stay as they are: `exit_on`. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, SerializeAsAny

from libs.contracts.events import MessageClicked, OrderPlaced
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.durations import Duration

ORDER_PLACED = OrderPlaced.type
"""The customer ordered something, with whatever cart, or with none."""
IN_ANY_CASE = ("cart.ordered", "cart.emptied")
"""What ends them whether a campaign says so or not: there is nothing left to remind of."""
MESSAGE_CLICKED = MessageClicked.type
"""The customer followed the link of a message of the campaign; goes with for how long that ends its steps."""
LONGEST = timedelta(days=30)
"""Clicks are known for longer."""

Exits = tuple[str, ...]
BY_ORDERS: Exits = (ORDER_PLACED,)
"""Of a campaign that says nothing."""

_ALWAYS = " and ".join(IN_ANY_CASE)
_USE = f"use {ORDER_PLACED}, {{{MESSAGE_CLICKED}: 12h}}, or [] where neither ends them; {_ALWAYS} always do"


class Clicked(Strict):
    """Steps that are due within a time after the customer clicked on a message of the campaign are not sent."""

    within: Duration = Field(alias=MESSAGE_CLICKED, gt=timedelta(0), le=LONGEST)


Exit = str | Clicked


def _known(word: Any) -> Exit:  # noqa: ANN401 - pydantic hands in whatever the file holds
    if isinstance(word, Clicked) or (isinstance(word, Mapping) and list(word) == [MESSAGE_CLICKED]):
        return Clicked.model_validate(word)
    if word == MESSAGE_CLICKED:
        raise ValueError(f"say for how long a click ends them: {{{MESSAGE_CLICKED}: 12h}}")
    if word not in (ORDER_PLACED, *IN_ANY_CASE):
        raise ValueError(f"nothing of this name ends reminders: {_USE}")
    return str(word)


def _each_once(exits: tuple[Exit, ...]) -> tuple[Exit, ...]:
    if sum(isinstance(one, Clicked) for one in exits) > 1:
        raise ValueError(f"{MESSAGE_CLICKED} stands twice")
    return tuple(dict.fromkeys(exits))


ExitOn = Annotated[tuple[Annotated[SerializeAsAny[Exit], PlainValidator(_known)], ...], AfterValidator(_each_once)]
"""As a campaign file says it."""


def words_of(exits: Iterable[Exit]) -> Exits:
    """The events of carts and orders among them."""
    return tuple(one for one in exits if isinstance(one, str))


def clicked_within(exits: Iterable[Exit]) -> timedelta | None:
    """For how long a click ends steps, None where it ends none."""
    return next((one.within for one in exits if isinstance(one, Clicked)), None)
