"""Every statement of a service, and how PostgreSQL would read tables for it by a plan that is made once."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from libs.postgres.pool import Connection

_STATEMENT = re.compile(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b")
_PARAMETER = re.compile(r"\$(\d+)")


def statements(package: str) -> dict[str, str]:
    """The statements that the modules of a package hold as constants, by module and name; each once."""
    found: dict[str, str] = {}
    for module in walk_packages(import_module(package).__path__, f"{package}."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, str) and _STATEMENT.match(value):
                found.setdefault(value, f"{module.name.removeprefix(f'{package}.')}.{name}")
    return {name: statement for statement, name in found.items()}


async def nodes_of_plan(connection: Connection, statement: str) -> list[dict[str, Any]]:
    """The nodes of the plan that fits whatever is asked, by the settings of the connection."""
    nothing = ", ".join(["NULL"] * max(map(int, _PARAMETER.findall(statement)), default=0))
    await connection.execute(f"PREPARE planned AS {statement}")
    try:
        told = await connection.fetchval(f"EXPLAIN (FORMAT json) EXECUTE planned{f'({nothing})' if nothing else ''}")
    finally:
        await connection.execute("DEALLOCATE planned")
    return list(_nodes(json.loads(told)[0]["Plan"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
