import asyncio
import smtplib
from email.message import EmailMessage

import pytest

from deploy.bench.smtp import Sink, send
from deploy.local.program import free_ports


@pytest.fixture
async def sink():
    (port,) = free_ports([0])
    found = Sink()
    await found.open(port)
    yield found, port
    await found.close()


async def test_the_bare_client_sends_every_message_over_its_connections(sink):
    found, port = sink
    arrived = found.expect(10)
    latencies, took = await send(port, 10, 3)
    await arrived
    assert len(latencies) == len(found.latencies) == 10
    assert 0 < max(latencies) <= took


async def test_a_client_that_does_not_pipeline_is_understood(sink):
    found, port = sink
    arrived = found.expect(2)
    message = EmailMessage()
    message["Subject"] = "hello"
    message.set_content("a line\n.\nand another")

    def talk():
        with smtplib.SMTP("127.0.0.1", port) as client:
            for _ in range(2):
                client.send_message(message, "a@bench.example", ["b@bench.example"])

    await asyncio.to_thread(talk)
    await arrived
    assert len(found.latencies) == 2
