"""HTTP in: what a store's servers may ask, beside health and figures. Every process of the service has it."""

from collections.abc import Mapping

from starlette.types import ASGIApp

from libs.http.catalogue import COMMON
from libs.http.documented import documented
from libs.http.health import Check
from services.trigger.web import campaigns, exports
from services.trigger.web.deps import Services

DESCRIPTION = """What a store's servers and ops ask of the service that decides on reminders. Every refusal is a problem
document (RFC 9457) with a stable `type`."""


def application(services: Services, checks: Mapping[str, Check]) -> ASGIApp:
    """The application of a process, health and metrics included."""
    return documented(
        "Evercart: trigger",
        DESCRIPTION,
        services=services,
        routers=(campaigns.router, exports.router),
        checks=checks,
        catalogue=COMMON,
    )
