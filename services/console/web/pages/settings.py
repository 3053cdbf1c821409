"""Settings: the store as it is described, where things come in, and editing it where it is described by the API."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from libs.files.yaml_file import FaultyTextError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.console.clients.service import ServiceError, or_none
from services.console.db import came_in
from services.console.db.came_in import CameIn
from services.console.domain.campaign_text import text_of
from services.console.domain.store_settings import Change, changed_names, changes_of, read_text, settings_of
from services.console.web.faults import faults_of
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/settings")
Seeing = Annotated[Visit, Depends(of_store("settings:read"))]
Writing = Annotated[Visit, Depends(of_store("stores:write"))]
INVALID = (400, 403, 409, 412, 413, 422)


@router.get("")
async def show_settings(visit: Seeing, done: str = "") -> Response:
    """What the services say of the store; where one is silent, what the others know."""
    house, store_id = visit.house, visit.store_id
    store, keys, callbacks, pools, came = await asyncio.gather(
        or_none(house.cart.stores.read(store_id)),
        or_none(house.cart.stores.keys(store_id, "")),
        or_none(house.notifier.callbacks(store_id)),
        or_none(house.notifier.coupon_pools(store_id)),
        _came_in(visit),
    )
    silent = [name for name, one in (("cart", store), ("notifier", callbacks)) if one is None]
    told = store.told if store else None
    text = text_of(settings_of(told["settings"])) if told else ""
    facts: dict[str, Any] = {"told": told, "text": text, "keys": keys, "callbacks": callbacks, "pools": pools}
    return page(visit, "settings/store.html", came=came, silent=silent, done=done, **facts)


@router.get("/edit")
async def edit_store(visit: Writing) -> Response:
    """The settings as text."""
    store = await visit.house.cart.stores.read(visit.store_id)
    text = text_of(settings_of(store.told["settings"]))
    facts: dict[str, Any] = {"source": store.told["source"], "etag": store.etag}
    return page(visit, "settings/edit.html", text=text, changes=None, faults=(), **facts)


@router.post("/check")
async def check_store(visit: Writing) -> Response:
    """What the text would change, or what is wrong with it; changes nothing. Pages ask it as one types."""
    _, changes, faults = await _checked(visit)
    return page(visit, "settings/check.html", changes=changes, faults=faults)


@router.post("/edit")
async def change_store(visit: Writing) -> Response:
    """Puts the text in force: after it was shown what that changes."""
    text, etag = visit.form.get("text", ""), visit.form.get("etag", "")
    settings, changes, faults = await _checked(visit)
    if changes is not None and "confirmed" in visit.form:
        if not etag:
            raise PageRefusal(422, "bad_request")
        try:
            names = changed_names(changes)
            await visit.house.actions.change_store(visit.person, visit.store_id, settings, etag, names)
            return RedirectResponse(path_of("stores", visit.store_id, "settings", done="store"), 303)
        except ServiceError as error:
            changes, faults = None, faults_of(error, INVALID)
    facts: dict[str, Any] = {"source": "api", "etag": etag}
    return page(visit, "settings/edit.html", 422 if faults else 200, text=text, changes=changes, faults=faults, **facts)


async def _came_in(visit: Visit) -> CameIn:
    async with visit.house.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        return await came_in.last(connection, visit.store_id)


async def _checked(visit: Visit) -> tuple[dict[str, Any], list[Change] | None, tuple[dict[str, Any], ...]]:
    """What the text says, what it would change, and what is wrong with it."""
    try:
        settings = read_text(visit.form.get("text", ""))
    except FaultyTextError as error:
        return {}, None, tuple({"pointer": e.pointer, "detail": e.rule, "line": e.line} for e in error.faults)
    try:
        would, now = await asyncio.gather(
            visit.house.cart.stores.put(visit.store_id, settings, visit.form.get("etag", ""), dry_run=True),
            visit.house.cart.stores.read(visit.store_id),
        )
    except ServiceError as error:
        return settings, None, faults_of(error, INVALID)
    return settings, changes_of(now.told["settings"], would["settings"]), ()
