"""The picture by which it is counted that a letter was opened, and whether somebody lets that be counted."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Security
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import pixel_consents
from services.notifier.db.pixel_consents import PixelConsent
from services.notifier.domain.opens import opened
from services.notifier.handlers.opens import count_open
from services.notifier.web.deps import STORE_PATH, Given
from services.notifier.web.recipients.pages import SAFE
from services.notifier.web.schemas import AT, like

PICTURE: Final = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""One pixel that nobody sees (GIF89a)."""
BODY_MOST = 4096
_EXAMPLE: dict[str, Any] = {"agreed": True, "said_at": AT, "wording": "May we see which of our letters you open?"}

router = APIRouter()

Key = Annotated[
    str, Path(description="The letter, signed.", examples=["019ab6f27c117d3e9a550b6e2f4f5a10c0ffee00c0ffee00"])
]
CustomerId = Annotated[str, Path(description="The customer; slashes may be in it.", examples=["anna"])]


class SaidOfPixels(BaseModel):
    """Whether a customer lets it be counted that they open letters, when they said so (null: now), to which words."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    agreed: bool = Field(strict=True)
    said_at: AwareDatetime | None = None
    wording: str = Field(min_length=1, max_length=1000, pattern=r"^[^\x00]+$")


class StandsOfPixels(BaseModel):
    """What counts now: something that was said later goes before what was told."""

    model_config = like({"agreed": True, "said_at": AT})

    agreed: bool
    said_at: AwareDatetime


_BODY = body_of(SaidOfPixels.model_json_schema(), _EXAMPLE)


@router.head("/o/{key}.gif", include_in_schema=False)
@router.get(
    "/o/{key}.gif",
    response_class=Response,
    tags=["recipients"],
    responses={
        200: {
            "description": "A pixel",
            "content": {"image/gif": {"schema": {"type": "string", "format": "binary"}, "example": "GIF"}},
        }
    },
    openapi_extra=refuses("unavailable"),
)
@tolerates_unknown
async def show_pixel(request: Request, key: Key, services: Given) -> Response:
    """Stands in letters of stores that `count_opens`, where whoever gets them may be counted. Its first request is told
    as `message.opened`, and the first by a program that fetches ahead apart from it. Every key is answered alike.
    """
    reminder_id = opened(key, services.bounce_secrets)
    if reminder_id is not None:
        asked = (request.method, request.headers)
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await count_open(connection, reminder_id, asked, services.stores, services.laws, services.clock())
    return Response(PICTURE, 200, {"Cache-Control": SAFE["Cache-Control"]}, "image/gif")


@router.put(
    STORE_PATH + "/customers/{customer_id:path}/pixel-consent",
    tags=["customers"],
    responses={200: {"model": StandsOfPixels, "description": "What counts now"}},
    openapi_extra=refuses(
        *("malformed-json", "unauthorized", "insufficient-scope", "body-too-large", "invalid-request", "unavailable"),
        requestBody=_BODY,
    ),
)
async def set_pixel_consent(
    request: Request,
    store_id: StoreId,
    customer_id: CustomerId,
    services: Given,
    caller: Annotated[str, Security(opens("messages:write"))],
) -> Response:
    """Takes down whether a customer lets it be counted that they open letters. Who declines is not counted anywhere,
    nor by letters of before; where the law wants a consent of its own, nobody is who has not agreed.
    """
    said, now = SaidOfPixels.model_validate_json(await body_within(request, BODY_MOST)), services.clock()
    what = PixelConsent(said.agreed, min(said.said_at or now, now), said.wording, caller)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        stands = await pixel_consents.keep(connection, store_id, customer_id, what)
    return unkept(stands)
