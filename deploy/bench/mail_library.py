"""What messages cost a program that somebody writes with a mail library: aiosmtplib's `send_message`, one at a time on
each kept connection.
"""

import asyncio
import time
from email.message import EmailMessage

from aiosmtplib import SMTP

from deploy.bench.smtp import MESSAGE_BYTES, shares_of

SENDER, RECIPIENT = "a@bench.example", "b@bench.example"
_LINE = "This is what a line of a message looks like, with a price: 12,90 €.\n"


def ready_message() -> EmailMessage:
    """A message of text and HTML, of about the size of ours; nothing of it is left to be worked out."""
    half = _LINE * (MESSAGE_BYTES // 2 * 3 // 4 // len(_LINE.encode()))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, "You left something behind"
    message.set_content(half, cte="base64")
    message.add_alternative(f"<html><body>{half}</body></html>", subtype="html", cte="base64")
    return message


async def send_by_library(port: int, messages: int, connections: int) -> tuple[list[float], float]:
    """Sends so many messages over so many connections: the latencies of all, in seconds, and how long it took."""
    message, latencies = ready_message(), list[float]()

    async def send(share: int) -> None:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for _ in range(share):
                began = time.perf_counter()
                await client.send_message(message)
                latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(send(share) for share in shares_of(messages, connections)))
    return latencies, time.perf_counter() - began
