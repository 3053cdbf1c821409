"""Several things done to a cart's lines in one call: all of them, or none. Pure."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.cart.domain.commands import AddLine, Body, Command, RemoveLine, SetQuantity, like
from services.cart.domain.limits import MAX_ACTIONS, MAX_QUANTITY

LineId = Annotated[UUID, Field(strict=False)]


class AddAction(AddLine):
    """Adds units, as `POST …/lines` does."""

    action: Literal["add"]

    def command(self) -> Command:
        """What is done."""
        return AddLine.model_construct(**{name: getattr(self, name) for name in AddLine.model_fields})


class SetAction(Body):
    """Sets a line to `quantity` units; 0 takes it out."""

    action: Literal["set"]
    line_id: LineId
    quantity: int = Field(ge=0, le=MAX_QUANTITY)

    def command(self) -> Command:
        """What is done."""
        return SetQuantity(self.line_id, self.quantity)


class RemoveAction(Body):
    """Takes a line out; where it is not there nothing changes."""

    action: Literal["remove"]
    line_id: LineId

    def command(self) -> Command:
        """What is done."""
        return RemoveLine(self.line_id)


class LineActions(Body):
    """What is to be done to the lines of a cart, in this order: all of it, or nothing."""

    model_config = like(
        {
            "actions": [
                {"action": "add", "sku": "tea-100", "quantity": 2, "title": "Tea", "price": 1250, "currency": "EUR"},
                {"action": "set", "line_id": "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d", "quantity": 1},
            ]
        }
    )

    actions: list[Annotated[AddAction | SetAction | RemoveAction, Field(discriminator="action")]] = Field(
        min_length=1, max_length=MAX_ACTIONS
    )

    def commands(self) -> list[Command]:
        """The commands, in order."""
        return [action.command() for action in self.actions]
