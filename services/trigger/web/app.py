"""HTTP in: what a store's servers may ask, beside health and figures. Every process of the service has it."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.documented import documented
from libs.http.health import Check
from libs.postgres.errors import OUTAGES
from services.trigger.web import backtests, campaigns, explain, exports, items, reminders
from services.trigger.web.deps import Services

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that the service answers with."""
DESCRIPTION = """What a store's servers and ops ask of the service that decides on reminders. Every refusal is a problem
document (RFC 9457) with a stable `type`."""


def application(services: Services, checks: Mapping[str, Check]) -> ASGIApp:
    """The application of a process, health and metrics included."""
    return documented(
        "Evercart: trigger",
        DESCRIPTION,
        services=services,
        routers=(campaigns.router, backtests.router, explain.router, exports.router, items.router, reminders.router),
        checks=checks,
        catalogue=CATALOGUE,
        outages=OUTAGES,
    )
