"""Who may see which page and do which thing. Pure; the pages ask nothing else."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["viewer", "marketer", "support", "ops", "owner"]
Right = Literal[
    "figures:read",
    "health:read",
    "stock:read",
    "messages:read",
    "upcoming:read",
    "contents:read",
    "templates:read",
    "templates:write",
    "tests:send",
    "campaigns:write",
    "messages:pause",
    "reminders:cancel",
    "customers:read",
    "customers:export",
    "customers:erase",
    "merges:undo",
    "carts:write",
    "replies:read",
    "replies:answer",
    "suppressions:read",
    "suppressions:lift",
    "letters:replay",
    "settings:read",
    "stores:write",
    "keys:write",
    "audit:read",
    "people:write",
]
ROLES: tuple[Role, ...] = get_args(Role)
RIGHTS: frozenset[Right] = frozenset(get_args(Right))


_SEES: tuple[Right, ...] = ("figures:read", "health:read", "stock:read")
_FOLLOWS: tuple[Right, ...] = (*_SEES, "messages:read", "upcoming:read")
_MARKETS: tuple[Right, ...] = (
    *_FOLLOWS,
    "contents:read",
    "templates:read",
    "templates:write",
    "tests:send",
    "campaigns:write",
    "messages:pause",
    "reminders:cancel",
)
_HELPS: tuple[Right, ...] = (
    *_FOLLOWS,
    "contents:read",
    "templates:read",
    "tests:send",
    "reminders:cancel",
    "customers:read",
    "customers:export",
    "customers:erase",
    "merges:undo",
    "carts:write",
    "replies:read",
    "replies:answer",
    "suppressions:read",
    "suppressions:lift",
)
_RUNS: tuple[Right, ...] = (
    *_FOLLOWS,
    "messages:pause",
    "reminders:cancel",
    "letters:replay",
    "replies:read",
    "suppressions:read",
    "settings:read",
    "audit:read",
)
_OF_ROLE: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset(_SEES),
    "marketer": frozenset(_MARKETS),
    "support": frozenset(_HELPS),
    "ops": frozenset(_RUNS),
    "owner": RIGHTS,
}
"""A viewer sees figures and nobody's name; support sees customers; who may change campaigns sees no customer for it."""


def rights_of(role: Role) -> frozenset[Right]:
    """All that a role may."""
    return _OF_ROLE[role]


def may(role: Role, right: Right) -> bool:
    """Whether a role may see or do something."""
    return right in _OF_ROLE[role]
