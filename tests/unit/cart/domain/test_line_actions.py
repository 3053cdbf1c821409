"""What may be done to lines in one call."""

import json
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.cart.domain.commands import AddLine, RemoveLine, SetQuantity
from services.cart.domain.line_actions import LineActions

TEA = {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR", "options": {"size": "M"}, "quantity": 2}
LINE = "6f1b2a52-51b5-5e8d-9c0a-3f4f5a0b1c2d"


def read(*actions: dict[str, Any]) -> LineActions:
    return LineActions.model_validate_json(json.dumps({"actions": actions}))


def test_each_is_the_command_of_its_own_endpoint():
    add = {"action": "add", **TEA}
    told = read(add, {"action": "set", "line_id": LINE, "quantity": 0}, {"action": "remove", "line_id": LINE})
    assert told.commands() == [AddLine.model_validate(TEA), SetQuantity(UUID(LINE), 0), RemoveLine(UUID(LINE))]


@pytest.mark.parametrize(("count", "allowed"), [(0, False), (1, True), (100, True), (101, False)])
def test_there_are_up_to_a_hundred_of_them(count: int, allowed: bool):
    actions = [{"action": "remove", "line_id": LINE}] * count
    if allowed:
        assert len(read(*actions).commands()) == count
    else:
        with pytest.raises(ValidationError):
            read(*actions)


@pytest.mark.parametrize(
    "action",
    [
        {"action": "remove"},
        {"action": "set", "line_id": LINE, "quantity": -1},
        {"action": "set", "line_id": LINE, "quantity": 1000},
        {"action": "fly", "line_id": LINE},
        {"action": "add", **TEA, "note": "x"},
    ],
)
def test_what_no_endpoint_would_take_is_refused(action: dict[str, Any]):
    with pytest.raises(ValidationError):
        read(action)


def test_a_line_may_be_set_to_nought_and_to_999():
    both = read(*({"action": "set", "line_id": LINE, "quantity": units} for units in (0, 999)))
    assert [command.quantity for command in both.commands() if isinstance(command, SetQuantity)] == [0, 999]


def test_a_line_is_named_by_a_text_also_where_the_call_is_read_already():
    actions: list[dict[str, Any]] = [
        {"action": "set", "line_id": LINE, "quantity": 1},
        {"action": "remove", "line_id": LINE},
    ]
    assert LineActions.model_validate({"actions": actions}) == read(*actions)
