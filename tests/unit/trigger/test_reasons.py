"""Every reason that trigger and notifier can give has a sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.contracts.reasons import REASONS, in_words
from tests.unit.trigger.making import kind_names

ROOT = Path(__file__).resolve().parents[3]
WORD = re.compile(r"[a-z]+(_[a-z]+)*")
SAYING = re.compile(r"^(_?unmet|_?why\w*|_?refusal|_?goes_on)$")
"""Functions that give reasons are called so."""


def constants(tree: ast.Module) -> Iterator[str]:
    """Names with a docstring that says that they are a reason."""
    for one, following in zip(tree.body, tree.body[1:], strict=False):
        if not (isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)):
            continue
        doc = (
            following.value.value
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            else ""
        )
        if isinstance(one.value.value, str) and re.search(r"\breasons?\b", str(doc)):
            yield one.value.value


def returned(tree: ast.Module) -> Iterator[str]:
    """Words that functions give that are named after saying why."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and SAYING.match(function.name):
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from _words(node.value)


def _words(value: ast.expr) -> Iterator[str]:
    branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    for branch in branches:
        if isinstance(branch, ast.IfExp):
            yield from _words(branch)
        elif isinstance(branch, ast.Constant) and isinstance(branch.value, str) and WORD.fullmatch(branch.value):
            yield branch.value


FOUND = sorted(
    {
        word
        for path in (ROOT / "services/trigger/domain").rglob("*.py")
        for find in (constants, returned)
        for word in find(ast.parse(path.read_text(encoding="utf-8")))
    }
    - {"restocked", "done", "treatment"}
)
"""But for how fan-outs end, which is no reason of a decision."""


def test_reasons_are_found_where_they_are_given() -> None:
    known = {"expired", "below_minimum", "above_maximum", "holdout", "other_arm", "paused", "switched_on_later"}
    assert known <= set(FOUND)


@pytest.mark.parametrize("reason", [*FOUND, "idle", "anonymous", "told_together", *kind_names()])
def test_every_reason_of_the_trigger_has_a_sentence(reason: str) -> None:
    assert reason in REASONS, "libs/contracts/reasons.py"


def test_sentences_are_plain_and_differ_from_their_words() -> None:
    for reason, sentence in REASONS.items():
        assert WORD.fullmatch(reason)
        assert len(sentence.split()) > 2
        assert not sentence.endswith(".")
    assert in_words("a_reason_of_tomorrow") == "a_reason_of_tomorrow"
