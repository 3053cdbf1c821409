"""What exactly was sent, for keys with a name that are made for it: it is noted who looks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Security
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from libs.http.deps import SERVER, StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.server_keys import caller_of, lacks
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import contents
from services.notifier.rendering.copies import read
from services.notifier.web.deps import STORE_PATH, Given, Services
from services.notifier.web.schemas import AT, MESSAGE, like
from services.notifier.web.templates.preview import FRAMED

SCOPE = "contents:read"
_SHOWN: dict[str, Any] = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}

router = APIRouter(prefix=STORE_PATH, tags=["messages"])


async def _viewer(
    request: Request,
    store_id: StoreId,
    services: Given,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
) -> str:
    """The name of the key. Raises `Problem` 401 without one, 403 with one for other things, or one that has no name."""
    caller = caller_of(request, services.keys, store_id)
    if caller.scopes is None or not caller.may(SCOPE):
        raise lacks(SCOPE)
    return caller.name


Viewer = Annotated[str, Security(_viewer)]
ReminderId = Annotated[UUID, Path(description="The reminder.", examples=[MESSAGE["reminder_id"]])]


class SentContent(BaseModel):
    """What was sent, word for word but for the secrets of its links, which are masked. A text has no `subject` and no
    `html`. Of what is `sending` or `unknown` nobody knows whether it came.
    """

    model_config = like(
        {
            "reminder_id": MESSAGE["reminder_id"],
            "customer_id": "anna",
            "channel": "sms",
            "template": "abandoned_cart",
            "state": "sent",
            "sending_at": AT,
            "subject": None,
            "text": "Nordwind: 2 items are waiting in your cart: https://n.example/c/********",
            "html": None,
        }
    )

    reminder_id: UUID
    customer_id: str
    channel: str
    template: str
    state: str
    sending_at: AwareDatetime
    subject: str | None
    text: str
    html: str | None


PATH = "/messages/{reminder_id}/content"


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": SentContent, "description": "What was sent", "content": _SHOWN}},
    openapi_extra=refuses("unauthorized", "insufficient-scope", "nothing-kept", "invalid-request", "unavailable"),
)
async def show_content(
    request: Request, store_id: StoreId, reminder_id: ReminderId, services: Given, viewer: Viewer
) -> Response:
    """The very copy of a message; `Accept: text/html` gives a letter as a page. Who looks is noted with the key's name.
    Its links lead nowhere: whoever looks can't use them.
    """
    found = await _noted(services, store_id, reminder_id, viewer)
    if found is None:
        raise Problem(404, "nothing-kept", "Nothing of this name was sent, or it is not kept any more.")
    said = read(found.pop("content"))
    if said.html is not None and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(said.html, 200, FRAMED)
    return unkept(found | {"subject": said.subject, "text": said.text, "html": said.html})


async def _noted(services: Services, store_id: str, reminder_id: UUID, viewer: str) -> dict[str, Any] | None:
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        found = await contents.content(connection, store_id, reminder_id)
        if found is not None:
            await contents.note_view(connection, store_id, reminder_id, viewer)
    return found
