"""Settings: who may log in, and as what. Owners alone come here."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.domain.people import EVERY_STORE
from services.console.domain.roles import ROLES, Role, rights_of
from services.console.handlers.people import RefusedError
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/people")
Owning = Annotated[Visit, Depends(of_store("people:write"))]


@router.get("")
async def list_people(visit: Owning, done: str = "") -> Response:
    """Everybody, with what they may."""
    return await _shown(visit, done=done)


@router.post("/invite")
async def invite(visit: Owning) -> Response:
    """Makes a link for somebody; it is shown this once."""
    role = _role(visit.form.get("role", ""))
    stores = frozenset({visit.store_id if visit.form.get("stores") == "this" else EVERY_STORE})
    try:
        token = await visit.house.people.invite(visit.person, visit.form.get("email", ""), role, stores)
    except RefusedError as error:
        return await _shown(visit, 422, fault=visit.words(f"people.refused.{error.key}", n=0))
    link = str(visit.request.base_url.replace(path="/come/" + token))
    return await _shown(visit, link=link, invited=visit.form.get("email", ""))


@router.post("/role")
async def set_role(visit: Owning) -> Response:
    """Makes somebody something else."""
    return await _changed(visit, "role")


@router.post("/remove")
async def remove(visit: Owning) -> Response:
    """Takes somebody out, who is logged out at once."""
    return await _changed(visit, "remove")


async def _changed(visit: Visit, what: str) -> Response:
    try:
        person_id = UUID(visit.form.get("person", ""))
        if what == "role":
            await visit.house.people.set_role(visit.person, person_id, _role(visit.form.get("role", "")))
        else:
            await visit.house.people.remove(visit.person, person_id)
    except ValueError:
        raise PageRefusal(422, "bad_request") from None
    except RefusedError as error:
        return await _shown(visit, 422, fault=visit.words(f"people.refused.{error.key}", n=0))
    return RedirectResponse(path_of("stores", visit.store_id, "people", done=what), 303)


async def _shown(visit: Visit, status: int = 200, **facts: object) -> Response:
    known = {"fault": None, "link": None, "invited": "", "done": ""} | facts
    everybody = await visit.house.people.all()
    return page(visit, "people.html", status, people=everybody, roles=ROLES, rights=rights_of, **known)


def _role(given: str) -> Role:
    found = next((role for role in ROLES if role == given), None)
    if found is None:
        raise PageRefusal(422, "bad_request")
    return found
