"""Settings: who did what, and who looked at whom."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.console.db import audit
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
PAGE = 50


@router.get("/audit")
async def read_audit(visit: Annotated[Visit, Depends(of_store("audit:read"))], before: UUID | None = None) -> Response:
    """The newest first."""
    async with visit.house.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await audit.page(connection, visit.store_id, before, PAGE + 1)
    more = found[PAGE - 1]["audit_id"] if len(found) > PAGE else None
    return page(visit, "audit.html", entries=found[:PAGE], more=more)
