"""Who looks at a page: their log-in, role, store, language, and the form that they send."""

import hmac
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Request

from libs.contracts.names import STORE_ID
from libs.http.body import body_within
from libs.http.deps import services_of
from services.console.auth.cookies import SESSION, VISIT
from services.console.db.shown_stores import StoreShown
from services.console.domain.people import Person
from services.console.domain.roles import Right
from services.console.domain.sessions import form_token, is_form_token
from services.console.web.formats import Formats, locale_of
from services.console.web.house import House
from services.console.web.refusals import LogInFirst, PageRefusal
from services.console.web.wording import Wording, chosen, wording

BODY_MOST = 512 * 1024
TOKEN_FIELD = "token"  # noqa: S105 - the name of a field
UTC = ZoneInfo("UTC")

Housed = Annotated[House, Depends(services_of)]
StoreInPath = Annotated[str, Path(pattern=STORE_ID)]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody. `store` and `form` are there where the page is of a store, and a form was sent."""

    request: Request
    house: House
    words: Wording
    formats: Formats
    token: str
    someone: Person | None = None
    store: StoreShown | None = None
    stores: tuple[StoreShown, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        """Who it is, on a page that takes a log-in."""
        assert self.someone is not None, "a page that takes a log-in has let in nobody"
        return self.someone

    @property
    def store_id(self) -> str:
        """The store, on a page of one."""
        assert self.store is not None, "a page of a store has none"
        return self.store.store_id

    @property
    def form_token(self) -> str:
        """What the page's forms carry."""
        return form_token(self.token)

    def may(self, right: Right) -> bool:
        """Whether the person may that."""
        return self.someone is not None and self.someone.may(right)


Guard = Callable[..., Coroutine[Any, Any, Visit]]


async def anybody(request: Request, house: Housed) -> Visit:
    """A visit without a log-in: of the log-in itself. Its form is of the visit's own cookie."""
    token = house.cookies.read(request, VISIT)
    who = await house.log_in.who(house.cookies.read(request, SESSION))
    form = await _form(request, token) if request.method == "POST" else {}
    return Visit(request, house, *_told(request, house, who, UTC), token=token, someone=who, form=form)


def of_console(right: Right | None = None) -> Guard:
    """A dependency that lets in who is logged in and may that, to a page of no store."""

    async def let_in(request: Request, house: Housed) -> Visit:
        """Raises `LogInFirst`, `PageRefusal` 403."""
        return await _visit(request, house, right)

    let_in.right = right  # type: ignore[attr-defined]  # a test holds every route against it
    return let_in


def of_store(right: Right) -> Guard:
    """A dependency that lets in who is logged in, may that, and sees the store."""

    async def let_in(request: Request, store_id: StoreInPath, house: Housed) -> Visit:
        """Raises `LogInFirst`, `PageRefusal` 403, 404."""
        return await _visit(request, house, right, store_id)

    let_in.right = right  # type: ignore[attr-defined]  # a test holds every route against it
    return let_in


async def _visit(request: Request, house: House, right: Right | None, store_id: str | None = None) -> Visit:
    token = house.cookies.read(request, SESSION)
    person = await house.log_in.who(token)
    if person is None:
        raise LogInFirst(request.url.path if request.method == "GET" else "/")
    if right is not None and not person.may(right):
        raise PageRefusal(403, "forbidden")
    stores = tuple(store for store in await house.stores() if person.sees(store.store_id))
    store = next((one for one in stores if one.store_id == store_id), None)
    if store_id is not None and store is None:
        raise PageRefusal(404, "unknown_store")
    form = await _form(request, token) if request.method == "POST" else {}
    told = _told(request, house, person, ZoneInfo(store.time_zone) if store else UTC)
    return Visit(request, house, *told, token=token, someone=person, store=store, stores=stores, form=form)


def _told(request: Request, house: House, person: Person | None, zone: ZoneInfo) -> tuple[Wording, Formats]:
    return told_in(request, house, person.locale if person else None, zone)


def told_in(request: Request, house: House, language: str | None, zone: ZoneInfo = UTC) -> tuple[Wording, Formats]:
    """Words and formats for whoever asks."""
    accepted = request.headers.get("accept-language", "")
    words = wording(chosen(language, accepted))
    return words, Formats(locale_of(words.language, accepted), zone, house.clock(), words("frame.just_now"))


async def _form(request: Request, token: str) -> dict[str, str]:
    """The fields of a form that a page of ours has sent. Raises `PageRefusal` 403 for anybody else's."""
    if not token or not _from_here(request):
        raise PageRefusal(403, "foreign_form")
    text = (await body_within(request, BODY_MOST)).decode(errors="replace")
    fields = {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=200).items()}
    if not is_form_token(fields.pop(TOKEN_FIELD, "") or request.headers.get("x-form-token", ""), token):
        raise PageRefusal(403, "foreign_form")
    return {name: value.replace("\x00", "") for name, value in fields.items()}


def _from_here(request: Request) -> bool:
    """Whether the browser says that the form is of this host: all of them say it of a POST."""
    origin = urlsplit(request.headers.get("origin", ""))
    site = request.headers.get("sec-fetch-site", "same-origin")
    host = request.headers.get("host", "")
    return bool(host) and hmac.compare_digest(origin.netloc.encode(), host.encode()) and site == "same-origin"
