"""Commands that a relay takes together, in one round trip, where it offers that (RFC 2920); else one by one."""

import re
from collections.abc import Sequence
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponse

from services.notifier.channels.email.dialogue import NO_REPLY, Dialogue

BROKEN: Final = (SMTPException, OSError, TimeoutError)
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")


async def introduce(smtp: SMTP) -> None:
    """Says who we are and learns what the relay offers, once a session. Raises `BROKEN`."""
    if smtp.is_ehlo_or_helo_needed:
        try:
            await smtp.ehlo()
        except SMTPHeloError:
            if not smtp.is_connected:
                raise
            await smtp.helo()


async def replies(
    dialogue: Dialogue, commands: Sequence[bytes], timeout_s: float, *, together: bool
) -> tuple[list[SMTPResponse], bool]:
    """The replies in the order of the commands, and whether the session is in step with the relay after them.

    There are fewer of them where the session broke, and where the relay takes commands one by one and has refused one:
    what comes after that is not said. `timeout_s` is for each reply.
    """
    if any(_CONTROL.search(command) for command in commands):
        raise ValueError("a command holds a control character")
    heard: list[SMTPResponse] = []
    try:
        if together:
            dialogue.write(b"".join(command + b"\r\n" for command in commands))
        for command in commands:
            if not together:
                dialogue.write(command + b"\r\n")
            heard.append(await dialogue.reply(timeout_s))
            if heard[-1].code == NO_REPLY:
                return heard, False
            if not together and not accepted(heard[-1]):
                break
    except BROKEN:
        return heard, False
    return heard, True


def accepted(reply: SMTPResponse) -> bool:
    """Whether it is a yes: the first digit decides (RFC 5321, 4.3.2)."""
    return 200 <= reply.code < 300
