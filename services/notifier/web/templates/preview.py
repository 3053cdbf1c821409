"""What a message looks like before a customer sees it, for whoever has the store's key."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Security
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from libs.contracts.events import Channel
from libs.files.scratch_folder import scratch_folder
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.server_keys import caller_of
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.cart_client import CartUnavailableError
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import contacts, contents
from services.notifier.db.template_versions import KeptTemplate
from services.notifier.domain.reminder import Contact
from services.notifier.domain.segments import count_segments, price_of
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.domain.template_document import TemplateDocument, files_of
from services.notifier.handlers.pictures import NoPictureError, Screen, picture
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.samples import ANNA, NOW, Sample, kind_named, parted
from services.notifier.rendering.store_templates import write_files
from services.notifier.rendering.templates import Templates
from services.notifier.web.deps import STORE_PATH, Given, Services, authorize
from services.notifier.web.schemas import like
from services.notifier.web.templates.templates import version_of
from services.notifier.web.written import unwritable_told

FRAMED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""A store's template runs no script here, whatever it says."""
SHAPES = ("application/json", "text/html", "image/png")
NAMED: dict[str, Any] = {"min_length": 1, "max_length": 200, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_TAG: dict[str, Any] = {"max_length": 35, "pattern": r"^[A-Za-z0-9_-]*$"}
_SHOWN: dict[str, Any] = {
    "text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"},
    "image/png": {"schema": {"type": "string", "format": "binary"}, "example": "PNG"},
}
_UNCHARGED: dict[str, Any] = {"segments": None, "price": None, "currency": None}

ENDS = NOW + timedelta(days=2)

router = APIRouter(prefix=STORE_PATH, tags=["preview"], dependencies=[Security(authorize)])

Template = Annotated[str, Query(description="As a step names it.", examples=["abandoned_cart_1"], **NAMED)]
Language = Annotated[
    str, Query(description="A BCP 47 tag; without one the customer's, or the store's.", examples=["fr"], **_TAG)
]
OnChannel = Annotated[
    Channel, Query(description="The channel.", examples=["email"], json_schema_extra={"enum": [*CHANNELS]})
]
Customer = Annotated[
    str | None, Query(description="Whose name and language it has; without one a sample's.", examples=["anna"], **NAMED)
]
OnScreen = Annotated[Screen, Query(description="What a picture is taken of.", examples=["phone"])]
Version = Annotated[
    int | None,
    Query(
        description="Of what the store said of it by the API; without one that in force.", ge=1, le=2**53, examples=[2]
    ),
]
OfCart = Annotated[
    UUID | None,
    Query(
        description="A real cart, whose goods it shows instead of sample goods.",
        examples=["019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"],
    ),
]
Coupon = Annotated[str, Query(description="A code that it tells.", examples=["SAVE10"], max_length=64)]


class Preview(BaseModel):
    """A message with sample goods. A letter has `subject` and `html`; a text has `segments`, in which it is charged,
    and by SMS their `price`, a decimal number in the store's `currency`, where the store says what one costs.
    """

    model_config = like(
        {
            "template": "abandoned_cart_1",
            "kind": "abandoned_cart",
            "channel": "sms",
            "language": "fr",
            "subject": None,
            "html": None,
            "text": "Nordwind : 3 articles vous attendent dans votre panier : https://n.example/c/sample_link",
            "characters": 86,
            "segments": 1,
            "price": "0.045",
            "currency": "EUR",
        }
    )

    template: str
    kind: str
    channel: str
    language: str
    subject: str | None
    html: str | None
    text: str
    characters: int
    segments: int | None
    price: str | None
    currency: str | None


@router.head("/preview", include_in_schema=False)
@router.get(
    "/preview",
    responses={200: {"model": Preview, "description": "The message", "content": _SHOWN}},
    openapi_extra=refuses(
        *("unauthorized", "unknown-store", "unknown-template", "unknown-version"),
        *("unknown-cart", "invalid-request", "unusable-template", "no-browser", "unavailable"),
    ),
)
async def preview_message(
    request: Request,
    store_id: StoreId,
    services: Given,
    template: Template,
    language: Language = "",
    channel: OnChannel = "email",
    customer: Customer = None,
    screen: OnScreen = "phone",
    coupon: Coupon = "",
    version: Version = None,
    cart_id: OfCart = None,
) -> Response:
    """A template with sample goods in the store's voice, or with those of a cart, which is noted with the key.
    `Accept: text/html` gives a letter as a page, `image/png` a picture of it on a `screen`, where the service has a
    browser. Nobody is sent anything.
    """
    if channel not in CHANNELS:
        raise Problem(422, "invalid-request", f"There is no such channel; there are {', '.join(CHANNELS)}.")
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    contact = await contact_of(services, store_id, customer, language or store.locale, chosen=bool(language))
    seen = None if cart_id is None else await _cart(request, services, store_id, cart_id)
    with scratch_folder("evercart-preview-") as folder:
        with unwritable_told():
            templates = services.templates.of(store)
        if version is not None:
            kept = await version_of(services, store_id, template, version)
            templates = _of_version(services, store, kept, folder)
        sample = Sample(templates, store, contact, services.public_url, coupon or None, coupon_until=ENDS)
        shown = written(sample, template, channel, seen)
    return await _shaped(services, shown, _wanted(request), screen)


async def _shaped(services: Services, shown: Preview, shape: str, screen: Screen) -> Response:
    """The message as it was asked for. Raises `Problem` 422, 501."""
    if shape == "application/json":
        return Response(to_json(shown), 200, {"Cache-Control": "no-store"}, shape)
    if shown.html is None:
        raise Problem(422, "invalid-request", "A text message has neither a page nor a picture.")
    if shape == "text/html":
        return HTMLResponse(shown.html, 200, FRAMED)
    try:
        taken = await picture(services.chromium, shown.html, screen)
    except NoPictureError as error:
        raise Problem(501, "no-browser", f"{error}.") from None
    return Response(taken, 200, {"Cache-Control": "no-store"}, shape)


async def contact_of(services: Services, store_id: str, customer: str | None, locale: str, *, chosen: bool) -> Contact:
    """Whom the sample is for. Raises `Problem` 404 for a customer of whom nothing is known."""
    if customer is None:
        return replace(ANNA, locale=locale)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        known = await contacts.called(connection, store_id, customer)
    if known is None:
        raise Problem(404, "unknown-customer", "Nothing is known of this customer.")
    name, theirs = known
    return replace(ANNA, name=name, locale=locale if chosen else theirs)


async def _cart(request: Request, services: Services, store_id: str, cart_id: UUID) -> CartSnapshot:
    """A real cart, and a note of who has looked at it. Raises `Problem` 404, 503."""
    try:
        seen = await services.carts.look(store_id, cart_id)
    except CartUnavailableError:
        raise Problem(503, "unavailable", "The cart can't be asked for at the moment.") from None
    if seen is None:
        raise Problem(404, "unknown-cart", "The store has no such cart.")
    caller = caller_of(request, services.keys, store_id)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        await contents.note_cart_view(connection, store_id, cart_id, caller.name)
    return seen


def _of_version(services: Services, store: Store, kept: KeptTemplate, folder: Path) -> Templates:
    """The store's templates with this version of one, for as long as the folder is there."""
    with unwritable_told():
        if kept.document is not None:
            write_files(folder, files_of({kept.name: TemplateDocument.model_validate_json(kept.document)}))
        return Templates(services.templates.own(store), folder)


def written(sample: Sample, template: str, channel: Channel, seen: CartSnapshot | None) -> Preview:
    """The message. Raises `Problem` 404 for a template that there is not, 422 for one that can't be written."""
    with unwritable_told():
        draft = sample.draft(template, channel)
        if seen is not None and draft.reminder.cart_id is not None:
            of_cart = replace(draft.reminder, cart_id=seen.cart.id, cart_version=seen.cart.version)
            draft = replace(draft, snapshot=seen, reminder=of_cart)
        about: dict[str, Any] = {"template": template, "kind": kind_named(parted(template)[0]), "channel": channel}
        about["language"] = draft.wording()[0].tag
        if channel != "email":
            text = compose_text(draft)
            told: dict[str, Any] = {"subject": None, "html": None, "text": text} | _charged(text, channel, sample.store)
        else:
            letter = compose_letter(draft)
            text = letter.text
            told = {"subject": letter.subject, "html": letter.html, "text": text} | _UNCHARGED
    return Preview(**about, **told, characters=len(text))


def _charged(text: str, channel: Channel, store: Store) -> dict[str, Any]:
    """The segments of a text, and what they cost: a chat has other prices."""
    segments = count_segments(text)
    if channel != "sms" or store.segment_price is None:
        return _UNCHARGED | {"segments": segments}
    price = price_of(segments, store.segment_price)
    return {"segments": segments, "price": price, "currency": store.currency}


def _wanted(request: Request) -> str:
    """The first of the shapes that the caller accepts; JSON where it names none."""
    accepted = (part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(","))
    return next((shape for shape in accepted if shape in SHAPES), SHAPES[0])
