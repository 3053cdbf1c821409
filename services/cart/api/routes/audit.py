"""Endpoint for what ops and servers changed in a store."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic_core import to_json
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from services.cart.api.deps import server
from services.cart.api.handler_deps import Reads
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE
from services.cart.api.replies import reply_json
from services.cart.api.schemas.api_keys import AuditPage
from services.cart.domain.limits import AUDIT_PAGE

router = APIRouter(prefix=STORE + "/audit", tags=["servers"])


@router.get("", responses=answers(AuditPage, 200), dependencies=[server("audit:read")])
async def read_audit(
    store_id: str,
    reads: Reads,
    after: Annotated[UUID | None, paging.after()] = None,
    limit: Annotated[int, paging.limit(AUDIT_PAGE)] = AUDIT_PAGE,
    before: Annotated[UUID | None, Query(deprecated=True, description="`after` by its name of before.")] = None,
) -> Response:
    """Who changed what and when, newest first. Customers stand here under a keyed hash of their id."""
    found = await reads.audit(store_id, after or before, limit + 1)
    entries, following = page_of(found, limit, lambda entry: str(entry["audit_id"]))
    return reply_json(to_json({"entries": entries, "next": following}))
