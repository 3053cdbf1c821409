"""What the API's document says that an operation may refuse."""

import json
import re
from functools import cache
from typing import Any

import httpx

from tests.contract.golden import FOLDER

OF_NO_OPERATION = {"internal-error", "method-not-allowed", "not-found"}
"""What a server answers past its operations."""


@cache
def _operations() -> list[tuple[str, "re.Pattern[str]", set[str]]]:
    """Method, pattern of the path and slugs of each operation; longer paths first, because ids may hold slashes."""
    document = json.loads((FOLDER / "cart.openapi.json").read_text(encoding="utf-8"))
    found = [
        (
            method.upper(),
            path,
            {slug for answer in operation["responses"].values() for slug in _slugs(document, answer)},
        )
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    ordered = sorted(found, key=lambda each: -len(each[1]))
    return [
        (method, re.compile(re.sub(r"\\{[a-z_]+\\}", ".+", re.escape(path))), slugs) for method, path, slugs in ordered
    ]


def _slugs(document: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    name = answer.get("$ref", "").rpartition("/")[2]
    return [] if not name else next(iter(document["components"]["responses"][name]["content"].values()))["examples"]


def undocumented(answer: httpx.Response, slug: str) -> bool:
    """Whether an operation gave a problem that the document does not know of it."""
    if slug in OF_NO_OPERATION:
        return False
    path = answer.request.url.path
    for method, pattern, slugs in _operations():
        if method == answer.request.method and pattern.fullmatch(path):
            return slug not in slugs
    return False
