"""Which small faults can be sown into a module: those of Cosmic Ray's that a test could notice."""

import ast
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[3]
OPERATORS = (
    *("AddNot", "NumberReplacer", "ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_Not"),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_Lt_GtE"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_Gt_LtE"),
    *("ReplaceComparisonOperator_LtE_Gt", "ReplaceComparisonOperator_GtE_Lt"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_FloorDiv"),
    *("ReplaceBinaryOperator_FloorDiv_Mul", "ReplaceBinaryOperator_Mod_FloorDiv"),
)
"""A comparison, a condition, a constant, a loop, a sum; what mypy would not let pass is left out."""
LEFT_ALONE = re.compile(
    r"""\s*@dataclass\(  # mypy
    | \s*@lru_cache\(  # how much is remembered is not to be seen
    | .*\bfrozen=(True|False)$  # mypy lets nobody assign to a field of what is frozen
    | .*\bzip\(.*strict=True$  # two of one length, by the lines above
    """,
    re.VERBOSE,
)
"""What a line looks like up to a fault that no test can see: a kind of fault each, and why."""


@dataclass(frozen=True)
class Fault:
    """The `occurrence`-th place of a module where a Cosmic Ray operator changes something, and the line it is on."""

    path: Path
    operator: str
    occurrence: int
    line: int

    @property
    def module(self) -> str:
        """The module by its dotted name."""
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts)

    def source(self) -> str:
        """The module with the fault."""
        changed = mutate_code(self.path.read_text(), get_operator(f"core/{self.operator}")(), self.occurrence)
        return str(changed)

    def code(self) -> CodeType:
        """The module with the fault, compiled; SyntaxError where the fault is no Python."""
        return compile(self.source(), str(self.path), "exec", dont_inherit=True)

    @property
    def service(self) -> str:
        """Whose module it is."""
        return self.path.relative_to(ROOT).parts[1]

    def __str__(self) -> str:
        lines = zip(self.path.read_text().splitlines(), self.source().splitlines(), strict=False)
        before, after = next(((one.strip(), other.strip()) for one, other in lines if one != other), ("", ""))
        return f"{self.path.relative_to(ROOT)}:{self.line}: {before}  ->  {after}"


def faults(paths: Iterable[Path], seed: int = 0) -> list[Fault]:
    """All faults of the modules, in an order that is a seed's."""
    found = []
    for path in sorted(paths):
        source = path.read_text()
        nodes, lines, examples = list(ast_nodes(get_ast(source))), source.splitlines(), list(_examples(source))
        for operator in OPERATORS:
            places = [place for node in nodes for place in get_operator(f"core/{operator}")().mutation_positions(node)]
            found += [
                Fault(path, operator, number, line)
                for number, ((line, _), (_, end)) in enumerate(places)
                if not LEFT_ALONE.match(lines[line - 1][:end])
                and not any(first <= (line, end) <= last for first, last in examples)
            ]
    random.Random(seed).shuffle(found)
    return found


def _examples(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where a module shows examples to readers of the API's document: nothing depends on them."""
    for node in ast.walk(ast.parse(source)):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "like"
        if named or (isinstance(node, ast.keyword) and node.arg == "json_schema_extra"):
            place: Any = node
            yield (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)
