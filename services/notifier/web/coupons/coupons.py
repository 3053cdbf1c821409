"""A store's pools of coupons, for whoever has its key. Whose a code is nobody is told here."""

import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Security
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import coupon_pools
from services.notifier.db.coupon_pools import Filled
from services.notifier.domain.coupon_codes import FaultyCodesError, from_csv, from_json, object_of
from services.notifier.domain.coupons import CODE, Coupon, Pool
from services.notifier.domain.store import Store
from services.notifier.handlers.campaign_assets import said_by_files, tell_assets
from services.notifier.web.coupons.coupon_schemas import (
    BODY,
    MORE_BODY,
    NAME,
    CodeTold,
    NewPool,
    PoolFilled,
    Pools,
    PoolTold,
)
from services.notifier.web.deps import STORE_PATH, Given, Services, authorize

BODY_MOST = 12 * 1024 * 1024
PATH = "/coupons/{pool}"
_SHOWN = ("pool", "source", "pattern", "url", "check_url", "once_days", "low_at", "left", "taken", "refused")
_REFUSED = ("malformed-json", "unauthorized", "body-too-large", "unknown-store", "invalid-request", "unavailable")

router = APIRouter(prefix=STORE_PATH, tags=["coupons"], dependencies=[Security(authorize)])

Name = Annotated[str, Path(description="The pool.", pattern=NAME, examples=["back10"])]
Code = Annotated[str, Path(description="The code.", pattern=CODE, examples=["BACK-7Q2M9K"])]


@router.head("/coupons", include_in_schema=False)
@router.get(
    "/coupons",
    responses={200: {"model": Pools, "description": "The pools"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_pools(store_id: StoreId, services: Given) -> Response:
    """The store's pools, and how many codes each has left."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await coupon_pools.pools(connection, store_id)
    return unkept({"pools": [_told(services, store_id, one) for one in found]})


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": PoolTold, "description": "The pool"}},
    openapi_extra=refuses("unauthorized", "unknown-pool", "invalid-request", "unavailable"),
)
async def show_pool(store_id: StoreId, pool: Name, services: Given) -> Response:
    """A pool, and how many codes it has left."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await coupon_pools.pools(connection, store_id, pool)
    return unkept(_told(services, store_id, _one(found)))


@router.put(
    PATH,
    responses={200: {"model": PoolFilled, "description": "The pool as it is now"}},
    openapi_extra=refuses(*_REFUSED, requestBody=BODY),
)
async def put_pool(request: Request, store_id: StoreId, pool: Name, services: Given) -> Response:
    """Describes a pool. With `codes`, or CSV, its free codes are those from now on; what somebody has stays theirs."""
    store = _require_store(services, store_id)
    said, codes = await _said(request)
    new = NewPool.model_validate(said)
    once, where = timedelta(days=new.once_days), {"url": new.url, "check_url": new.check_url}
    described = Pool(store_id, pool, new.source, new.pattern, once=once, low_at=new.low_at, **where)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await coupon_pools.put(connection, described)
        filled = Filled(codes or [], instead=codes is not None)
        added = await coupon_pools.fill(connection, store_id, pool, filled)
        await tell_assets(connection, store_id, said_by_files(services.templates, store), services.clock())
        found = await coupon_pools.pools(connection, store_id, pool)
    services.wake()
    return unkept(_told(services, store_id, _one(found)) | {"added": added})


@router.post(
    PATH,
    responses={200: {"model": PoolFilled, "description": "The pool as it is now"}},
    openapi_extra=refuses(*_REFUSED, "unknown-pool", requestBody=MORE_BODY),
)
async def add_codes(request: Request, store_id: StoreId, pool: Name, services: Given) -> Response:
    """Puts more codes into a pool, as JSON or CSV. One that it has, or that somebody has, changes nothing."""
    said, codes = await _said(request)
    if codes is None or said:
        raise Problem(422, "invalid-request", "Name the codes, and nothing else.")
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        _one(await coupon_pools.pools(connection, store_id, pool))
        added = await coupon_pools.fill(connection, store_id, pool, Filled(codes, instead=False))
        found = await coupon_pools.pools(connection, store_id, pool)
    return unkept(_told(services, store_id, _one(found)) | {"added": added})


@router.delete(
    PATH,
    status_code=204,
    responses={204: {"description": "It is gone"}},
    openapi_extra=refuses("unauthorized", "unknown-pool", "invalid-request", "unavailable"),
)
async def remove_pool(store_id: StoreId, pool: Name, services: Given) -> Response:
    """Takes a pool and its free codes away. Steps that name it are held back, or go without (`unknown_coupon_pool`)."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        gone = await coupon_pools.remove(connection, store_id, pool)
        if gone and (store := services.stores.get(store_id)) is not None:
            await tell_assets(connection, store_id, said_by_files(services.templates, store), services.clock())
    if not gone:
        raise _unknown()
    services.wake()
    return Response(status_code=204)


@router.head(PATH + "/codes/{code}", include_in_schema=False)
@router.get(
    PATH + "/codes/{code}",
    responses={200: {"model": CodeTold, "description": "What is known of it"}},
    openapi_extra=refuses("unauthorized", "unknown-coupon", "invalid-request", "unavailable"),
)
async def show_code(store_id: StoreId, pool: Name, code: Code, services: Given) -> Response:
    """Whether a code is one of the pool, and until when it counts: so a shop takes what was drawn by a pattern."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await coupon_pools.code(connection, store_id, pool, code)
    if found is None:
        raise Problem(404, "unknown-coupon", "The pool has no such code.")
    return unkept(found)


async def _said(request: Request) -> tuple[dict[str, Any], list[Coupon] | None]:
    """What the body says of the pool, and its codes, None where it names none. Raises `Problem` 400, 413, 422."""
    body = await body_within(request, BODY_MOST)
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/csv":
            return {}, from_csv(body.decode())
        said = object_of(body)
        codes = from_json(said.pop("codes")) if "codes" in said else None
    except FaultyCodesError as error:
        faults = [{"pointer": f"/codes/{place}", "detail": fault, "line": place} for place, fault in error.faults]
        raise Problem(422, "invalid-request", "There are codes that can't be used.", errors=faults) from None
    except (json.JSONDecodeError, RecursionError):
        raise Problem(400, "malformed-json", "The body is not valid JSON.") from None
    except (UnicodeDecodeError, TypeError):
        raise Problem(422, "invalid-request", "The body is neither CSV in UTF-8 nor a JSON object.") from None
    return said, codes


def _require_store(services: Services, store_id: str) -> Store:
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    return store


def _one(found: list[dict[str, Any]]) -> dict[str, Any]:
    if not found:
        raise _unknown()
    return found[0]


def _unknown() -> Problem:
    return Problem(404, "unknown-pool", "The store has no such pool of coupons.")


def _told(services: Services, store_id: str, found: dict[str, Any]) -> dict[str, Any]:
    asked = found["url"] or found["check_url"]
    secret = services.signing_secret(store_id, found["pool"]) if asked else None
    return {name: found[name] for name in _SHOWN} | {"signing_secret": secret}
