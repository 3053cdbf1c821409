"""E-mail by SMTP on kept connections."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiosmtplib
import structlog
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException
from pydantic import Field, FilePath, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.email.refusals import refusal, sender_refused
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Unclear
from services.notifier.channels.ports import Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope

log = structlog.get_logger(__name__)

IDLE_MOST_S: Final = 30.0
"""Relays hang up on connections that are idle for minutes; asking for a new one is cheaper than finding out."""
USES_MOST: Final = 500


class SmtpSettings(ProviderSettings):
    """The relay and how it wants to be spoken to; `ca_file` are certificates to trust besides the system's."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SMTP_")

    host: str
    port: int = Field(default=25, ge=1, le=65535)
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = True
    ca_file: FilePath | None = None


@dataclass(slots=True)
class _Kept:
    smtp: SMTP
    used: int = 0
    since: float = 0


class Smtp:
    """As many sessions as messages may be in flight, each used for one at a time and kept between messages.

    A connection and each command have an eighteenth of the lease; the message itself has a third: relays that scan it
    take their time.
    """

    def __init__(self, settings: SmtpSettings, limits: Limits) -> None:
        self._settings = settings
        self.timeout_s, self.data_timeout_s = limits.lease_s / 18, limits.lease_s / 3
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._idle: list[_Kept] = []

    async def send(self, envelope: Envelope) -> Outcome:
        """Hands one message to the relay and says what the relay said."""
        async with self._slots:
            try:
                kept = await self._connection()
            except SMTPAuthenticationError as error:
                log.error("smtp.log_in_refused", code=error.code)  # noqa: TRY400 - the trace would hold what was tried
                return Postponed(f"smtp_{error.code}_login", ours=True)
            except (SMTPException, OSError, TimeoutError) as error:
                log.warning("smtp.unreachable", error=type(error).__name__)
                return Postponed("smtp_unreachable")
            reusable = False
            try:
                outcome, reusable = await self._session(kept.smtp, envelope)
            finally:
                if reusable:
                    self._keep(kept)
                else:
                    kept.smtp.close()
            return outcome

    async def close(self) -> None:
        """Says goodbye on every connection."""
        while self._idle:
            with suppress(SMTPException, OSError, TimeoutError):
                await self._idle.pop().smtp.quit(timeout=2)

    async def _connection(self) -> _Kept:
        while self._idle:
            kept = self._idle.pop()
            fresh = kept.used < USES_MOST and time.monotonic() - kept.since < IDLE_MOST_S
            if fresh and kept.smtp.is_connected and await self._alive(kept.smtp):
                return kept
            kept.smtp.close()
        relay = self._settings
        smtp = SMTP(
            hostname=relay.host,
            port=relay.port,
            start_tls=relay.starttls,
            cert_bundle=str(relay.ca_file) if relay.ca_file else None,
            timeout=self.timeout_s,
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
        """RSET also clears what an interrupted message may have left behind."""
        try:
            await smtp.rset(timeout=5)
        except (SMTPException, OSError, TimeoutError):
            return False
        return True

    def _keep(self, kept: _Kept) -> None:
        kept.used, kept.since = kept.used + 1, time.monotonic()
        self._idle.append(kept)

    async def _session(self, smtp: SMTP, envelope: Envelope) -> tuple[Outcome, bool]:
        """MAIL, RCPT, DATA one by one: only what breaks inside DATA leaves it open whether the relay has it."""
        try:
            await smtp.mail(envelope.sender)
        except SMTPResponseException as error:
            return sender_refused(error.code), _open(error)
        except (SMTPException, OSError, TimeoutError):
            return Postponed("smtp_disconnected"), False
        try:
            await smtp.rcpt(envelope.recipient)
        except SMTPResponseException as error:
            return refusal(error.code, error.message), _open(error)
        except (SMTPException, OSError, TimeoutError):
            return Postponed("smtp_disconnected"), False
        try:
            answer = await smtp.data(envelope.content, timeout=self.data_timeout_s)
        except SMTPResponseException as error:
            return refusal(error.code, error.message), _open(error)
        except (SMTPException, OSError, TimeoutError):
            return Unclear("smtp_no_answer"), False
        return Accepted(_queue_id(answer)), True


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


def _open(error: SMTPResponseException) -> bool:
    """421 announces that the relay hangs up."""
    return error.code != aiosmtplib.SMTPStatus.domain_unavailable


def _queue_id(answer: aiosmtplib.SMTPResponse) -> str | None:
    """What relays append to their yes: `2.0.0 Ok: queued as 4F1B22`. Kept to find it in their logs."""
    _, found, queue_id = answer.message.rpartition("queued as ")
    return queue_id.split()[0][:64] if found and queue_id.strip() else None
