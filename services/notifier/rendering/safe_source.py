"""What a template that comes by the API may do: fill in, choose, and repeat what a message has. Pure.

The sandbox keeps it from everything else in the process; this keeps it from taking the process's time and memory: no
calls, no arithmetic, no loop over anything but the lines of a message.
"""

from collections.abc import Iterator
from typing import Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS: Final = frozenset(
    {"escape", "e", "upper", "lower", "capitalize", "trim", "length", "first", "last", "default"}
)
_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.CondExpr),
    *(nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat),
    *(nodes.Getattr, nodes.Getitem),
)
_ENVIRONMENT: Final = ImmutableSandboxedEnvironment()
DEEPEST: Final = 1
"""So many loops may stand in one another: a message has lines, and lines have no lines."""


def unsafe(source: str) -> list[tuple[int, str]]:
    """The lines on which it does what it may not, and what that is."""
    try:
        parsed = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        return [(error.lineno, f"can't be read: {error.message}")]
    return sorted(_found(parsed, 0))


def _found(node: nodes.Node, depth: int) -> Iterator[tuple[int, str]]:
    if not isinstance(node, _ALLOWED):
        yield node.lineno, f"{type(node).__name__.lower()} is not allowed here"
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        yield node.lineno, f"there is no filter {node.name} here"
    elif isinstance(node, nodes.For):
        depth += 1
        if depth > DEEPEST or node.recursive or not isinstance(node.iter, nodes.Name):
            yield node.lineno, "a loop goes over the lines of the message, and holds no other"
    for child in node.iter_child_nodes():
        yield from _found(child, depth)
