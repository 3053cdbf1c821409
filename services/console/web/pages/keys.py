"""Keys of a store's servers and storefronts: which there are, making, rotating and ending one."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.key_form import OFFERED_DAYS, OFFERED_GRACES, SCOPES, grace_of, key_of
from services.console.web.faults import faults_of
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/settings/keys")
Seeing = Annotated[Visit, Depends(of_store("settings:read"))]
Writing = Annotated[Visit, Depends(of_store("keys:write"))]
INVALID = (400, 403, 409, 422)
KEY_ID = re.compile(r"[0-9a-f]{16}")


@router.get("")
async def list_keys(visit: Seeing, after: str = "", done: str = "") -> Response:
    """The live keys by name, and when each was used last; never what one is."""
    return await _shown(visit, after=after, done=done)


@router.post("/make")
async def make_key(visit: Writing) -> Response:
    """Makes a key, and shows it this once: no address leads to it again."""
    asked = key_of(visit.form)
    try:
        made = await visit.house.actions.make_key(visit.person, visit.store_id, asked)
    except ServiceError as error:
        return await _shown(visit, 422, faults=faults_of(error, INVALID), asked=asked)
    return await _shown(visit, made=made | {"name": asked["name"]})


@router.get("/rotate")
async def ask_before_rotating(visit: Writing, key: str) -> Response:
    """Says what it means, and asks for how long the secret until now is to go on."""
    return _ask_to_rotate(visit, await _live(visit, key))


@router.post("/rotate")
async def rotate_key(visit: Writing) -> Response:
    """Gives a key another secret, and shows it this once. Only who saw the newest one does: a form that is sent twice
    would end the secret that servers still have.
    """
    found, grace = await _live(visit, visit.form.get("key", "")), grace_of(visit.form)
    if grace is None:
        raise PageRefusal(422, "bad_request")
    if visit.form.get("seen", "") != (found["rotated_at"] or ""):
        return _ask_to_rotate(visit, found, grace, fault=visit.words("keys.rotated_meanwhile"))
    if not grace and visit.form.get("typed", "").strip() != found["name"]:
        return _ask_to_rotate(visit, found, grace, fault=visit.words("keys.not_typed"))
    try:
        made = await visit.house.actions.rotate_key(visit.person, visit.store_id, found["key_id"], found["name"], grace)
    except ServiceError as error:
        return _ask_to_rotate(visit, found, grace, faults=faults_of(error, INVALID))
    return await _shown(visit, made=made | {"name": found["name"]}, grace=grace)


@router.get("/revoke")
async def ask_before_revoking(visit: Writing, key: str, name: str = "") -> Response:
    """Says what it means, and asks for the key's name to be typed."""
    return page(visit, "settings/revoke.html", key_id=_key_id(key), name=name, fault=None)


@router.post("/revoke")
async def revoke_key(visit: Writing) -> Response:
    """Ends a key for ever."""
    key_id, name = _key_id(visit.form.get("key", "")), visit.form.get("name", "")
    if not name or visit.form.get("typed", "").strip() != name:
        return page(visit, "settings/revoke.html", 422, key_id=key_id, name=name, fault=visit.words("keys.not_typed"))
    await visit.house.actions.revoke_key(visit.person, visit.store_id, key_id, name)
    return RedirectResponse(path_of("stores", visit.store_id, "settings", "keys", done="revoked"), 303)


async def _shown(visit: Visit, status: int = 200, after: str = "", **facts: Any) -> Response:  # noqa: ANN401 - named by it
    found = await visit.house.cart.stores.keys(visit.store_id, after)
    known: dict[str, Any] = {"made": None, "grace": None, "faults": (), "asked": {}, "done": ""} | facts
    return page(visit, "settings/keys.html", status, found=found, scopes=SCOPES, spans=OFFERED_DAYS, **known)


def _ask_to_rotate(visit: Visit, found: dict[str, Any], grace: int = OFFERED_GRACES[0], **wrong: Any) -> Response:  # noqa: ANN401 - named by it
    known: dict[str, Any] = {"fault": None, "faults": ()} | wrong
    status = 422 if wrong else 200
    return page(visit, "settings/rotate.html", status, one=found, graces=OFFERED_GRACES, grace=grace, **known)


async def _live(visit: Visit, given: str) -> dict[str, Any]:
    found = await visit.house.cart.stores.key(visit.store_id, _key_id(given))
    if found is None:
        raise PageRefusal(404, "not_found")
    return found


def _key_id(given: str) -> str:
    if KEY_ID.fullmatch(given) is None:
        raise PageRefusal(404, "not_found")
    return given
