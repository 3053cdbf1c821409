"""Endpoint for what ops and servers changed in a store."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic_core import to_json
from starlette.responses import Response

from services.cart.api.deps import server
from services.cart.api.handler_deps import Reads
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE
from services.cart.api.replies import reply_json
from services.cart.api.schemas.api_keys import AuditAnswer
from services.cart.domain.limits import AUDIT_PAGE

router = APIRouter(prefix=STORE + "/audit", tags=["servers"])


@router.get("", responses=answers(AuditAnswer, 200), dependencies=[server("audit:read")])
async def read_audit(
    store_id: str,
    reads: Reads,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=AUDIT_PAGE)] = AUDIT_PAGE,
) -> Response:
    """Who changed what and when, newest first. `next` is the `before` of the page that follows, null on the last.
    Customers stand here under a keyed hash of their id.
    """
    entries = await reads.audit(store_id, before, limit)
    following = entries[-1]["audit_id"] if len(entries) == limit else None
    return reply_json(to_json({"entries": entries, "next": following}))
