"""What the providers that are spoken to over HTTP have in common: kept connections, and how far a request came.

Over httpx, not the providers' own clients: those hide whether a failed request had left us, which is the one thing that
has to be known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import structlog

from services.notifier.channels.outcome import Outcome, Postponed, Refused, Unclear
from services.notifier.channels.ports import Limits

log = structlog.get_logger(__name__)

CONNECT_S: Final = 5.0
ANSWER_S: Final = 60.0
WISH_MOST_S: Final = 3600.0
"""A provider that wishes to be left alone for longer is asked again after so long."""

BUSY: Final = {408, 425, 429, 503}
"""Statuses that speak of our pace or their capacity, not of this message: nothing was taken."""
REFUSES_US: Final = {401, 402, 403, 404, 405, 407}
"""Statuses that speak of our account or its settings. So does a redirect: it is never followed, for it would carry the
log-in elsewhere.
"""
NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
"""Failures before a byte of the request was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered. `body` is its JSON object, empty where it is none; names of headers are in any case."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it is a yes."""
        return 200 <= self.status < 300

    @property
    def retry_after_s(self) -> float | None:
        """For how many seconds the provider wishes to be left alone (`Retry-After`), within reason."""
        said = self.headers.get("Retry-After")
        return min(float(said), WISH_MOST_S) if said and said.isascii() and said.isdigit() else None

    def text(self, name: str) -> str | None:
        """A field of the body, where it is a text."""
        found = self.body.get(name)
        return found if isinstance(found, str) else None

    def number(self, name: str) -> int | None:
        """A field of the body, where it is a whole number."""
        found = self.body.get(name)
        return found if isinstance(found, int) else None

    def means(self, provider: str, code: object = None) -> Outcome:
        """What its status means where nothing else decides; `code` is the provider's word for it, if it is a known one.

        A 5xx other than 503 may come after the message was taken, so it is not a refusal.
        """
        reason = f"{provider}_{code or self.status}"
        if self.status in REFUSES_US or 300 <= self.status < 400:
            return Postponed(reason, self.retry_after_s, ours=True)
        if self.status in BUSY:
            return Postponed(reason, self.retry_after_s, down=self.status == 503)
        return Unclear(reason) if self.status >= 500 else Refused(reason)


class HttpApi:
    """One provider's API over kept connections. `name` is the one that the registry has for it."""

    def __init__(
        self,
        name: str,
        base_url: str,
        limits: Limits,
        *,
        auth: httpx.Auth | tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._http = httpx.AsyncClient(
            base_url=base_url,
            auth=auth,
            headers=headers,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=limits.in_flight),
        )

    async def post(self, path: str, **content: Any) -> Answer | Postponed | Unclear:  # noqa: ANN401 - httpx says what
        """Asks once. `Postponed` where the request never left us, `Unclear` where it did and no answer came."""
        return await self._ask("POST", path, **content)

    async def get(self, path: str, params: Mapping[str, str]) -> Answer | Postponed | Unclear:
        """The same for a question."""
        return await self._ask("GET", path, params=params)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **content: Any) -> Answer | Postponed | Unclear:  # noqa: ANN401
        try:
            answer = await self._http.request(method, path, **content)
        except NEVER_LEFT as error:
            log.warning("provider.unreachable", provider=self._name, error=type(error).__name__)
            return Postponed(f"{self._name}_unreachable", down=True)
        except httpx.HTTPError as error:
            log.warning("provider.no_answer", provider=self._name, error=type(error).__name__)
            return Unclear(f"{self._name}_no_answer")
        return Answer(answer.status_code, _json(answer), answer.headers)


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
