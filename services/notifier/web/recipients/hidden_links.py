"""The link of a letter that no person sees: who asks for it asks for all links, and is a machine."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from services.notifier.handlers.clicks import note_visit
from services.notifier.web.deps import Given
from services.notifier.web.recipients.pages import SAFE

PATH = "/h/{token}"
Token = Annotated[str, Path(description="The secret of a letter.", examples=["Zm9vYmFyYmF"])]

router = APIRouter(tags=["recipients"])


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH, status_code=204, responses={204: {"description": "Nothing is there"}}, openapi_extra=refuses("unavailable")
)
@tolerates_unknown
async def note_machine(token: Token, services: Given) -> Response:
    """Stands in letters whose clicks are counted, where neither people nor programs that read aloud find it. A click on
    the letter's cart within seconds of this one is told as `suspected`. Every secret is answered alike.
    """
    await note_visit(services.pool, token, "hidden")
    return Response(None, 204, {name: SAFE[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")})
