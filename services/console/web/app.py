"""HTTP in: the figures for a store's servers, and the pages for its people."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from libs.http.catalogue import COMMON_FILE, PAGES_PATH, Catalogue
from libs.http.documented import documented
from libs.http.health import Check
from libs.http.last_resort import LastResort
from libs.http.ops_paths import OPS_PATHS
from libs.postgres.errors import OUTAGES
from services.console.web.api import figures, rules
from services.console.web.deps import Services
from services.console.web.house import House
from services.console.web.pages.app import pages

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that the service answers with."""
DESCRIPTION = """What became of carts and reminders, counted: the figures of a store, for its servers. Every refusal is
a problem document (RFC 9457) with a stable `type`."""
FOR_PROGRAMS = ("/v1/", "/health/", PAGES_PATH, *OPS_PATHS)
"""Below these programs ask; all other addresses are people's."""


def application(services: Services, checks: Mapping[str, Check], house: House | None = None) -> ASGIApp:
    """The application of the web role, health and metrics included; with a `house` its pages, too."""
    for_programs = documented(
        "Evercart: console",
        DESCRIPTION,
        services=services,
        routers=(figures.router, rules.router),
        checks=checks,
        catalogue=CATALOGUE,
        outages=OUTAGES,
    )
    return for_programs if house is None else _Both(for_programs, LastResort(pages(house), CATALOGUE))


class _Both:
    """One port for programs and for people, who are answered each in their way."""

    def __init__(self, for_programs: ASGIApp, for_people: ASGIApp) -> None:
        self._for_programs, self._for_people = for_programs, for_people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        programs = scope["type"] != "http" or scope["path"].startswith(FOR_PROGRAMS)
        await (self._for_programs if programs else self._for_people)(scope, receive, send)
