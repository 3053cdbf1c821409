"""Pages before a log-in: the log-in itself, the link by which somebody comes, the identity provider and back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.auth.cookies import SESSION, VISIT
from services.console.auth.oidc import ProviderError
from services.console.domain.passwords import SHORTEST
from services.console.domain.sessions import new_token
from services.console.handlers.log_in import Waiting
from services.console.handlers.people import RefusedError
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page
from services.console.web.visits import Visit, anybody, of_console

router = APIRouter()
Anybody = Annotated[Visit, Depends(anybody)]
LoggedIn = Annotated[Visit, Depends(of_console())]
STATE_S = 600
log = structlog.get_logger(__name__)


@router.get("/log-in")
async def show_log_in(visit: Anybody, next: str = "/") -> Response:  # noqa: A002 - as browsers' users know it
    """The form; without a script, too."""
    return _form_page(visit, "log_in.html", next=inside(next), fault=None, email="")


@router.post("/log-in")
async def log_in(visit: Anybody) -> Response:
    """Logs in by password."""
    email, password = visit.form.get("email", ""), visit.form.get("password", "")
    onwards = inside(visit.form.get("next", "/"))
    caller = visit.house.calling(visit.request)
    try:
        token = await visit.house.log_in.by_password(email, password, caller)
    except Waiting as waiting:
        until = visit.formats.ago(waiting.until)
        fault = visit.words("log_in.waiting", until=until)
        return _form_page(visit, "log_in.html", 429, next=onwards, fault=fault, email=email)
    if token is None:
        return _form_page(visit, "log_in.html", 401, next=onwards, fault=visit.words("log_in.wrong"), email=email)
    return _logged_in(visit, token, onwards)


@router.post("/log-out")
async def log_out(visit: LoggedIn) -> Response:
    """Ends the session, here and in the database; everywhere where that is asked."""
    if "everywhere" in visit.form:
        await visit.house.people.log_out_everywhere(visit.person)
    await visit.house.log_in.end(visit.token, visit.person)
    response = RedirectResponse("/log-in", 303)
    visit.house.cookies.drop(response, SESSION)
    return response


@router.post("/language")
async def choose_language(visit: LoggedIn) -> Response:
    """Keeps the language that somebody chose."""
    await visit.house.people.speak(visit.person, visit.form.get("language", ""))
    return RedirectResponse(inside(visit.form.get("next", "/")), 303)


@router.get("/come/{token}")
async def show_come(visit: Anybody, token: str) -> Response:
    """Asks who it is that a link was given to. It changes nothing, so that previews of links use nothing up."""
    return await _come_page(visit, token, None, 200)


@router.post("/come/{token}")
async def come(visit: Anybody, token: str) -> Response:
    """Makes the person, who is logged in with that."""
    given = visit.form
    try:
        session = await visit.house.people.come(
            token, given.get("email", ""), given.get("name", ""), given.get("password", "")
        )
    except RefusedError as error:
        return await _come_page(visit, token, visit.words(f"people.refused.{error.key}", n=SHORTEST), 422)
    return _logged_in(visit, session, "/")


@router.get("/log-in/provider")
async def go_to_provider(visit: Anybody) -> Response:
    """Sends somebody to the identity provider."""
    if visit.house.provider is None:
        raise PageRefusal(404, "not_found")
    try:
        url, state = await visit.house.log_in.depart(visit.house.provider)
    except ProviderError as error:
        raise _no_provider(error) from None
    response = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    visit.house.cookies.put(response, VISIT, state, STATE_S)
    return response


@router.get("/log-in/provider/return")
async def come_from_provider(visit: Anybody, state: str = "", code: str = "") -> Response:
    """Takes back who left for the provider from this browser, and no other one."""
    if visit.house.provider is None or not state or state != visit.token:
        raise PageRefusal(403, "foreign_form")
    try:
        token = await visit.house.log_in.by_provider(visit.house.provider, state, code)
    except ProviderError as error:
        raise _no_provider(error) from None
    if token is None:
        return _form_page(visit, "log_in.html", 403, next="/", fault=visit.words("log_in.nobody"), email="")
    return _logged_in(visit, token, "/")


def inside(path: str) -> str:
    """A path of the console, whatever was asked for: nobody is sent elsewhere."""
    fine = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if fine else "/"


def _logged_in(visit: Visit, token: str, onwards: str) -> Response:
    response = RedirectResponse(onwards, 303, {"Cache-Control": "no-store"})
    visit.house.cookies.put(response, SESSION, token)
    visit.house.cookies.drop(response, VISIT)
    return response


def _form_page(visit: Visit, template: str, status: int = 200, **facts: object) -> Response:
    """A page with a form for who is not logged in: what proves it is a cookie that comes with it."""
    known = visit.token or new_token()
    shown = page(Visit(visit.request, visit.house, visit.words, visit.formats, known), template, status, **facts)
    visit.house.cookies.put(shown, VISIT, known)
    return shown


async def _come_page(visit: Visit, token: str, fault: str | None, status: int) -> Response:
    invitation = await visit.house.people.invited(token)
    if invitation is None:
        raise PageRefusal(404, "link_gone")
    facts = {"email": visit.form.get("email", ""), "name": visit.form.get("name", "")}
    return _form_page(visit, "come.html", status, invitation=invitation, fault=fault, shortest=SHORTEST, **facts)


def _no_provider(error: ProviderError) -> PageRefusal:
    log.warning("log_in.provider_failed", error=str(error))
    return PageRefusal(502, "provider")
