"""The client's types say what the API answers with: every member, and every word of what is one of a few."""

import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from services.cart.api.errors import CATALOGUE
from services.cart.api.routes.sdk import FOLDER
from services.cart.api.schemas import cart, merge, stock, watches
from services.cart.domain.cart import Status
from services.cart.domain.merge.modes.registry import MODES
from services.cart.domain.merge.receipt import Fate, Reason

TYPES = (FOLDER / "evercart.d.ts").read_text("utf-8")
KINDS = get_args(cart.Notice.model_fields["kind"].annotation)
CLIENTS_OWN = {"unreachable", "unsettled", "logged-out", "token-unavailable"}
ANSWERS: dict[str, type[BaseModel]] = {
    "Line": cart.CartLine,
    "SavedLine": cart.SavedCartLine,
    "Notice": cart.Notice,
    "Cart": cart.Cart,
    "LinkedCart": cart.LinkedCart,
    "SharedCart": cart.SharedCart,
    "RecoveredCart": cart.RecoveredCart,
    "Share": cart.ShareLink,
    "Merge": merge.MergeReceipt,
    "MergedLine": merge.MergedLine,
    "Reservation": stock.Reservation,
    "ReservedLine": stock.ReservedLine,
    "Watch": watches.Watch,
}


def members(interface: str) -> set[str]:
    """What an interface of the types has, with what it inherits."""
    found = re.search(
        rf"^export interface {interface}(?: extends (\w+))? {{\n(.*?)^}}", TYPES, re.MULTILINE | re.DOTALL
    )
    assert found, interface
    own = set(re.findall(r"^  (\w+)\??:", found[2], re.MULTILINE))
    return own | (members(found[1]) if found[1] else set())


def words(union: str) -> set[str]:
    found = re.search(rf"^export type {union} = (.*?);", TYPES, re.MULTILINE | re.DOTALL)
    assert found, union
    return set(re.findall(r'"([^"]+)"', found[1]))


@pytest.mark.parametrize("interface", ANSWERS)
def test_the_types_have_every_member_of_an_answer(interface: str):
    assert set(ANSWERS[interface].model_fields) - members(interface) == set()


@pytest.mark.parametrize(
    ("union", "known"),
    [
        ("NoticeKind", KINDS),
        ("CartStatus", get_args(Status)),
        ("MergeMode", tuple(MODES)),
        ("MergeFate", get_args(Fate)),
        ("MergeReason", get_args(Reason)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_types_have_every_word_of_what_is_one_of_a_few(union: str, known: tuple[Any, ...]):
    assert known
    assert set(known) - words(union) == set()


def test_the_problems_of_the_types_are_those_of_the_service_and_the_clients_own():
    assert words("ProblemSlug") - CLIENTS_OWN - set(CATALOGUE) == set()
    assert words("ProblemSlug") >= CLIENTS_OWN


def test_nothing_in_the_types_is_unknown():
    assert re.findall(r"\b(?:unknown|any)\b(?!-)", re.sub(r"/\*\*.*?\*/|\"[^\"]*\"", "", TYPES, flags=re.DOTALL)) == []
