"""What is wrong with something that somebody has written, as the service says it that would not take it."""

from collections.abc import Collection
from typing import Any

from services.console.clients.service import ServiceError

ABOUT_A_TEXT = (400, 409, 412, 413, 422, 428)


def faults_of(error: ServiceError, about: Collection[int] = ABOUT_A_TEXT) -> tuple[dict[str, Any], ...]:
    """All that is wrong: `pointer`, `detail`, `line` where there is one. Raises the error of any other status."""
    if error.status not in about:
        raise error
    return tuple(error.members.get("errors") or ({"pointer": "", "detail": error.detail},))
