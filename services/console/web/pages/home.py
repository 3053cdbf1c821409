"""The way in: to the first page of the store that somebody sees."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_console

router = APIRouter()


@router.get("/")
async def go_in(visit: Annotated[Visit, Depends(of_console())]) -> Response:
    """To Today of the first store; where there is none yet, to what has to be done first."""
    if not visit.stores:
        return page(visit, "no_store.html")
    return RedirectResponse(path_of("stores", visit.stores[0].store_id, "today"), 303, {"Cache-Control": "no-store"})
