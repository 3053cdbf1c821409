"""A plain mail to those who run the shop's machines, by a relay of the console's own settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from aiosmtplib import SMTPException, send
from pydantic import SecretStr

from libs.runtime.clock import Clock

TIMEOUT_S = 10.0
IMPLICIT_TLS_PORT = 465


class MailError(Exception):
    """The relay was not reached, or did not take it; it may be tried again."""


@dataclass(frozen=True, slots=True)
class MailRelay:
    """Where mails go out. TLS is begun with STARTTLS, on port 465 from the first byte on."""

    host: str
    port: int
    starttls: bool = True
    username: str | None = None
    password: SecretStr | None = field(default=None, repr=False)


class OpsMail:
    """Mails from `sender` to each of `to`."""

    def __init__(self, relay: MailRelay, sender: str, to: Sequence[str], clock: Clock) -> None:
        self._relay, self._sender, self._to, self._clock = relay, sender, to, clock

    async def send(self, subject: str, text: str) -> None:
        """One mail to all. Raises `MailError`."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, ", ".join(self._to)
        message["Subject"], message["Date"] = subject, format_datetime(self._clock())
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # no holiday answers (RFC 3834)
        message.set_content(text)
        relay, encrypted = self._relay, self._relay.port == IMPLICIT_TLS_PORT
        try:
            await send(
                message,
                hostname=relay.host,
                port=relay.port,
                username=relay.username,
                password=relay.password.get_secret_value() if relay.password else None,
                use_tls=encrypted,
                start_tls=relay.starttls and not encrypted,
                timeout=TIMEOUT_S,
            )
        except (SMTPException, OSError, TimeoutError) as error:
            raise MailError(type(error).__name__) from None
