"""One message on one SMTP session: MAIL, RCPT, the last word, DATA.

Until the final dot has left us the relay surely has nothing, whatever breaks; after it only its answer tells.
"""

from dataclasses import dataclass
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP, SMTPResponseException

from services.notifier.channels.email.dialogue import Dialogue
from services.notifier.channels.email.pipelining import BROKEN, accepted, introduce, replies
from services.notifier.channels.email.refusals import refusal, sender_refused
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Unclear, Withheld
from services.notifier.channels.ports import EmailLastWord
from services.notifier.domain.envelope import Envelope

_GONE: Final = Postponed("smtp_disconnected", down=True)
GIVEN_UP: Final = (_GONE, sender_refused(421))
"""What becomes of a message at a session that the relay has given up: it hangs up, or says so at the first command."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds each answer is waited for (RFC 5321, 4.5.3.2), at the least."""

    greeting: float = 300
    command: float = 300
    data: float = 120
    content: float = 180
    final_dot: float = 600

    def times(self, share: float) -> "Patience":
        """A share of it, for those who have less."""
        return Patience(*(s * share for s in (self.greeting, self.command, self.data, self.content, self.final_dot)))


async def converse(
    smtp: SMTP, envelope: Envelope, last_word: EmailLastWord, patience: Patience
) -> tuple[Outcome, bool]:
    """What became of the message, and whether the session can be used for another.

    DATA is never sent along with the commands before it: between them and it `last_word` is asked, and what it gives
    is sent, or nothing is.
    """
    try:
        await introduce(smtp)
        assert smtp.protocol is not None
        dialogue = Dialogue(smtp.protocol)
    except SMTPResponseException as error:
        return _refused_us(error.code), open_after(error.code)
    except BROKEN:
        return _disconnected()
    try:
        together = smtp.supports_extension("pipelining")
        outcome, reusable = await _message(dialogue, envelope, last_word, patience, together=together)
    finally:
        dialogue.leave()
    if isinstance(outcome, Withheld):
        return outcome, await _reset(smtp)
    return outcome, reusable and not dialogue.spoken


async def _message(
    dialogue: Dialogue, envelope: Envelope, last_word: EmailLastWord, patience: Patience, *, together: bool
) -> tuple[Outcome, bool]:
    if refused := await _addressed(dialogue, envelope, patience, together=together):
        return refused
    final = await last_word()
    if final is None:
        return Withheld(), False
    try:
        dialogue.write(b"DATA\r\n")
        answer = await dialogue.reply(patience.data)
    except BROKEN:
        return _disconnected()
    if answer.code != aiosmtplib.SMTPStatus.start_input:
        return refusal(answer.code, answer.message, handed_over=False), open_after(answer.code)
    return await _content(dialogue, final.content, patience)


async def _addressed(
    dialogue: Dialogue, envelope: Envelope, patience: Patience, *, together: bool
) -> tuple[Outcome, bool] | None:
    """Names sender and recipient, together where the relay offers that; an end where either is refused."""
    commands = (
        f"MAIL FROM:<{envelope.return_path or envelope.sender}>".encode("ascii"),
        f"RCPT TO:<{envelope.recipient}>".encode("ascii"),
    )
    heard, in_step = await replies(dialogue, commands, patience.command, together=together)
    if heard and not accepted(mail := heard[0]):
        return _refused_us(mail.code), in_step and open_after(mail.code)
    if len(heard) < len(commands):
        return _disconnected()
    rcpt = heard[1]
    if accepted(rcpt):
        return None
    return refusal(rcpt.code, rcpt.message, handed_over=False), in_step and open_after(rcpt.code)


def _refused_us(code: int) -> Outcome:
    return sender_refused(code) if 400 <= code < 600 else _GONE


async def _content(dialogue: Dialogue, content: bytes, patience: Patience) -> tuple[Outcome, bool]:
    """Sends all but the final dot, and that alone after it: a session that breaks before it has handed over nothing."""
    try:
        dialogue.write(_stuffed(content))
        await dialogue.written(patience.content)
        if dialogue.spoken:  # it has no message
            early = await dialogue.reply(patience.command)
            return refusal(early.code, early.message, handed_over=False), False
        dialogue.write(b".\r\n")
    except BROKEN:
        return _disconnected()
    try:
        code, message = await dialogue.reply(patience.final_dot)
    except BROKEN:
        return Unclear("smtp_no_answer"), False
    if 200 <= code < 300:
        return Accepted(_queue_id(message)), True
    return refusal(code, message), open_after(code)


def _stuffed(content: bytes) -> bytes:
    """The content with lines of dots as SMTP wants them (RFC 5321, 4.5.2), and with an end of its last line."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    stuffed = whole.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


async def _reset(smtp: SMTP) -> bool:
    try:
        await smtp.rset(timeout=5)
    except BROKEN:
        return False
    return True


def _disconnected() -> tuple[Outcome, bool]:
    return _GONE, False


def open_after(code: int) -> bool:
    """Whether the relay stays: 421 announces that it hangs up, and after nonsense it is better not to stay."""
    return 400 <= code < 600 and code != aiosmtplib.SMTPStatus.domain_unavailable


def _queue_id(message: str) -> str | None:
    """What relays append to their yes: `2.0.0 Ok: queued as 4F1B22`. Kept to find it in their logs."""
    _, found, queue_id = message.rpartition("queued as ")
    return queue_id.split()[0][:64] if found and queue_id.strip() else None
