"""Pages out of templates: escaped, in the reader's words, with no script in them."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from services.console.web.visits import Visit
from services.console.web.wording import LANGUAGES, wording

HERE = Path(__file__).parent
STATIC = HERE / "static"
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # forms of ours say by Origin where they come from: under `no-referrer` browsers would say null
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Of every page: nothing runs that is not a file of ours, and nobody frames it."""


@cache
def static_url(name: str) -> str:
    """The address of a file of ours; another one when the file is another, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:16]
    return f"/static/{name}?v={digest}"


def path_of(*parts: str, **query: object) -> str:
    """An address of the console out of names, whatever signs they hold."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    told = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


@cache
def environment() -> Environment:
    """The templates, compiled once."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names: dict[str, Callable[..., Any]] = {"static": static_url, "path": path_of}
    made.globals.update(names)
    made.globals["languages"] = {tag: wording(tag)("language") for tag in LANGUAGES}
    return made


def rendered(visit: Visit, template: str, /, **facts: Any) -> str:  # noqa: ANN401 - what the template names
    """The text of a page, or of a part of one."""
    known = {"visit": visit, "t": visit.words, "f": visit.formats, "store": visit.store, "person": visit.someone}
    return environment().get_template(template).render(known, **facts)


def page(visit: Visit, template: str, status: int = 200, /, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - as above
    """An answer with a page."""
    return HTMLResponse(rendered(visit, template, **facts), status, SAFE)
