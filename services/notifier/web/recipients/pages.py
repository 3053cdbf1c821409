"""Pages for recipients, without a log-in: in their language, stored by nobody, and framed by nobody."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import contacts
from services.notifier.domain.unsubscribe_link import Unsubscription
from services.notifier.rendering.phrases import Wording
from services.notifier.web.deps import Services

SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:32em;margin:18vh auto 0;padding:0 24px;text-align:center}}
h1{{font-size:22px}}button{{font:inherit;font-weight:600;padding:.75em 2em;border:0;border-radius:10px;
background:#1f2937;color:#fff;cursor:pointer}}@media(prefers-color-scheme:dark){{body{{background:#0f1115;color:#f3f4f6}}
button{{background:#f3f4f6;color:#111827}}}}a{{color:inherit}}</style></head><body><h1>{store}</h1><p>{text}</p>{form}</body></html>"""

CHOOSE = '<p><a href="{url}">{text}</a></p>'
FORM = '<form method="post"><button type="submit">{button}</button></form>'
_SHOWN = {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}}
IN_THEIR_LANGUAGE: dict[str, Any] = {"description": "A page in the reader's language", "content": _SHOWN}
BROKEN: dict[str, Any] = {
    "description": "A page that says that the link is broken; nothing was changed",
    "content": _SHOWN,
}
BROKEN_OR_ENDED: dict[str, Any] = {
    "description": "A page that says that the link is broken, or has ended",
    "content": _SHOWN,
}
"""What endpoints that answer with a page say of it in their document."""


async def words_for(request: Request, services: Services, who: Unsubscription | None) -> Wording:
    """The words in the language of whom a link is for, if they are known, else of the browser."""
    locale = request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0]
    store = services.stores[who.store_id] if who else None
    templates = services.templates.or_shipped(store) if store else services.templates.shipped
    if who:
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            locale = await contacts.locale_of(connection, who.store_id, who.customer_id) or locale
    return templates.wordings.choose(locale, store.locale if store else "en")


async def page(
    request: Request,
    services: Services,
    who: Unsubscription | None,
    text: str,
    *,
    button: bool = False,
    section: str = "page",
    words: Wording | None = None,
    choose: str = "",
    known: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    """A page in the reader's language, in `words` where they are known by now, and of them those of a section; without
    `who` it tells that the link leads nowhere. `choose` is where they may choose instead of leaving,
    `known` what the words may name beside the store.
    """
    words = words or await words_for(request, services, who)
    facts = {**known, "store": services.stores[who.store_id].name if who else "Evercart"}
    form = FORM.format(button=escape(words.show(f"{section}.button", facts))) if button else ""
    if choose and who:
        form += CHOOSE.format(
            url=escape(services.public_url.rstrip("/") + choose), text=escape(words.show("common.preferences", facts))
        )
    body = PAGE.format(
        lang=escape(words.tag),
        title=escape(words.show(f"{section}.title", facts)),
        store=escape(facts["store"]),
        text=escape(words.show(f"{section}.{text if who else 'broken'}", facts)),
        form=form,
    )
    return HTMLResponse(body, 200 if who else 404, SAFE)
