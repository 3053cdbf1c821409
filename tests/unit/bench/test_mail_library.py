import email.policy

import pytest

from deploy.bench.mail_library import RECIPIENT, SENDER, ready_message, send_by_library
from deploy.bench.smtp import CONTENT, Sink
from deploy.local.program import free_ports


def test_its_message_weighs_about_what_the_bare_one_does_and_has_both_parts():
    message = ready_message()
    assert len(message.as_bytes(policy=email.policy.SMTP)) == pytest.approx(len(CONTENT), rel=0.1)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (message["From"], message["To"]) == (SENDER, RECIPIENT)


async def test_it_sends_every_message_over_its_connections():
    (port,) = free_ports([0])
    sink = Sink()
    await sink.open(port)
    arrived = sink.expect(10)
    latencies, took = await send_by_library(port, 10, 3)
    await arrived
    assert len(latencies) == len(sink.latencies) == 10
    assert 0 < max(latencies) <= took
    await sink.close()
