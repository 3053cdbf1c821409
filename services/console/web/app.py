"""HTTP in: the figures for a store's servers, and the pages for its people."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.documented import documented
from libs.http.health import Check
from libs.postgres.errors import OUTAGES
from services.console.web.deps import Services

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that the service answers with."""
DESCRIPTION = """What became of carts and reminders, counted: the figures of a store, for its servers. Every refusal is
a problem document (RFC 9457) with a stable `type`."""


def application(services: Services, checks: Mapping[str, Check]) -> ASGIApp:
    """The application of the web role, health and metrics included."""
    return documented(
        "Evercart: console",
        DESCRIPTION,
        services=services,
        routers=(),
        checks=checks,
        catalogue=CATALOGUE,
        outages=OUTAGES,
    )
