"""E-mail by SMTP on kept connections."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import aiosmtplib
import structlog
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException
from pydantic import Field, FilePath, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.contracts.message_rules import Address
from services.notifier.channels.email.conversation import GIVEN_UP, Patience, converse
from services.notifier.channels.email.pipelining import BROKEN
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope
from services.notifier.domain.store import Store

log = structlog.get_logger(__name__)

IDLE_MOST_S: Final = 30.0
"""Relays hang up on connections that are idle for minutes; asking for a new one is cheaper than finding out."""
UNASKED_MOST_S: Final = 1.0
"""A session that took a message as lately is used for the next one without being asked whether it is still there."""
USES_MOST: Final = 500
IMPLICIT_TLS_PORT: Final = 465


class SmtpSettings(ProviderSettings):
    """The relay and how it wants to be spoken to; `ca_file` are certificates to trust besides the system's.

    TLS is begun with STARTTLS, or from the first byte on (`implicit_tls`, RFC 8314) as on port 465. Bounces go to
    the store's signed address where it names one (it knows which message came back), else to `bounce_address` of the
    account, else to the store's sender. `patience` is the share of
    RFC 5321's time-outs (five minutes a command, ten after the message) that is waited. Relays take few
    `connections` from one address (Exim 20 from all, Postfix 50).
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SMTP_")

    host: str = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = True
    implicit_tls: bool | None = None
    bounce_address: Address | None = None
    ca_file: FilePath | None = None
    patience: float = Field(default=1, gt=0, le=1)
    connections: int = Field(default=16, ge=1, le=256)

    @property
    def relay(self) -> str:
        """The relay."""
        return self.host

    def returns_to(self, store: Store) -> str:
        """The store's address for it, the account's, or the sender itself."""
        return store.bounce_address or self.bounce_address or store.email_from or ""

    @property
    def encrypted_from_the_start(self) -> bool:
        """Where nothing is said of it, on the port that is for that."""
        return self.port == IMPLICIT_TLS_PORT if self.implicit_tls is None else self.implicit_tls


@dataclass(frozen=True, slots=True)
class _Kept:
    smtp: SMTP
    used: int = 0
    since: float = 0
    clear: bool = False
    """Nothing of a message is left behind in the session."""


class _Word:
    """The last word, and whether it has been asked for."""

    def __init__(self, last_word: EmailLastWord) -> None:
        self._last_word, self.asked = last_word, False

    async def __call__(self) -> Envelope | None:
        self.asked = True
        return await self._last_word()


class Smtp:
    """Sessions that are used for one message at a time and kept between messages."""

    def __init__(self, settings: SmtpSettings, limits: Limits) -> None:  # noqa: ARG002 - as every provider is built
        self._settings = settings
        self._patience = Patience().times(settings.patience)
        self._idle: list[_Kept] = []

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:
        """Hands one message to the relay and says what the relay said."""
        if self._settings.bounce_address:
            envelope = replace(envelope, sender=self._settings.bounce_address)
        word = _Word(last_word)
        while True:
            kept = await self._connection()
            if not isinstance(kept, _Kept):
                return kept
            outcome = await self._converse(kept, envelope, word)
            # of a session that was kept too long nobody has been asked for anything yet: another one may do
            if outcome not in GIVEN_UP or word.asked or not kept.used:
                return outcome

    async def _connection(self) -> _Kept | Outcome:
        try:
            return await self._session()
        except SMTPAuthenticationError as error:
            log.error("smtp.log_in_refused", code=error.code)  # noqa: TRY400 - the trace would hold what was tried
            return Postponed(f"smtp_{error.code}_login", ours=True, down=True)
        except BROKEN as error:
            log.warning("smtp.unreachable", error=type(error).__name__)
            return Postponed("smtp_unreachable", down=True)

    async def _converse(self, kept: _Kept, envelope: Envelope, last_word: EmailLastWord) -> Outcome:
        outcome, reusable = None, False
        try:
            outcome, reusable = await converse(kept.smtp, envelope, last_word, self._patience)
        finally:
            if reusable and len(self._idle) < self._settings.connections:
                clear = isinstance(outcome, Accepted | Withheld)
                self._idle.append(replace(kept, used=kept.used + 1, since=time.monotonic(), clear=clear))
            else:
                kept.smtp.close()
        return outcome

    async def close(self) -> None:
        """Says goodbye on every connection."""
        while self._idle:
            with suppress(SMTPException, OSError, TimeoutError):
                await self._idle.pop().smtp.quit(timeout=2)

    async def _session(self) -> _Kept:
        while self._idle:
            kept = self._idle.pop()
            idle = time.monotonic() - kept.since
            usable = kept.used < USES_MOST and idle < IDLE_MOST_S and kept.smtp.is_connected
            ready = kept.clear and idle < UNASKED_MOST_S
            if usable and (ready or await self._alive(kept.smtp)):
                return kept
            kept.smtp.close()
        relay = self._settings
        smtp = SMTP(
            hostname=relay.host,
            port=relay.port,
            use_tls=relay.encrypted_from_the_start,
            start_tls=relay.starttls and not relay.encrypted_from_the_start,
            cert_bundle=str(relay.ca_file) if relay.ca_file else None,
            timeout=self._patience.greeting,
        )
        await smtp.connect()
        if relay.username is not None and relay.password is not None:
            try:
                await _log_in(smtp, relay.username, relay.password.get_secret_value())
            except BaseException:
                smtp.close()
                raise
        return _Kept(smtp)

    async def _alive(self, smtp: SMTP) -> bool:
        """RSET also clears what a message that was refused may have left behind."""
        try:
            await smtp.rset(timeout=5)
        except (SMTPException, OSError, TimeoutError):
            return False
        return True


async def _log_in(smtp: SMTP, username: str, password: str) -> None:
    """By the first way that both sides know. Refused credentials are tried once: relays lock out who insists."""
    await smtp.ehlo()
    ways = smtp.supported_auth_methods
    for way in ways:
        try:
            await getattr(smtp, f"auth_{way.replace('-', '')}")(username, password)
        except SMTPAuthenticationError as error:
            if error.code == aiosmtplib.SMTPStatus.auth_failed or way == ways[-1]:
                raise
        else:
            return
    raise SMTPException("The relay offers no way to log in.")
