"""The playground as the process that the stack starts."""

import asyncio
import os
import signal
import sys

import aiosmtplib
import httpx

from tests.integration.playground.conftest import an_email


def environment(state, port, smtp_port):
    settings = {
        "PORT": port,
        "SMTP_PORT": smtp_port,
        "CART_URL": "http://127.0.0.1:9",
        "STORE_JWT_KEY": "k" * 32,
        "STORE_SECRET_KEY": "sk_test",
        "STATE_DIR": state,
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
    }
    return os.environ | {f"PLAYGROUND_{name}": str(value) for name, value in settings.items()}


async def start(variables):
    """Starts the process and waits for the line that says that it holds its ports."""
    command = (sys.executable, "-m", "deploy.playground")
    process = await asyncio.create_subprocess_exec(*command, env=variables, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    assert b"shop and inbox on" in await process.stderr.readline()
    return process


async def test_a_message_that_was_taken_is_there_after_the_process_was_killed(tmp_path, free_ports):
    port, smtp_port = free_ports
    variables = environment(tmp_path, port, smtp_port)
    first = await start(variables)
    await aiosmtplib.send(an_email(), hostname="127.0.0.1", port=smtp_port, recipients=["ana@example.com"])
    first.kill()
    await first.wait()
    second = await start(variables)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        [message] = (await client.get("/api/messages")).json()["messages"]
        assert message["subject"] == "Your cart"
    second.send_signal(signal.SIGTERM)
    assert await second.wait() == 0


async def test_bad_settings_end_the_process_with_a_word_about_each(tmp_path):
    command = (sys.executable, "-m", "deploy.playground")
    variables = environment(tmp_path, "many", "0") | {"PLAYGROUND_CART_URL": "nowhere"}
    process = await asyncio.create_subprocess_exec(*command, env=variables, stderr=asyncio.subprocess.PIPE)
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert b"PLAYGROUND_PORT must be" in errors
    assert b"PLAYGROUND_CART_URL must be" in errors


async def test_a_taken_port_ends_the_process(tmp_path, free_ports):
    port, _ = free_ports
    first = await start(environment(tmp_path, port, 0))
    command = (sys.executable, "-m", "deploy.playground")
    variables = environment(tmp_path, port, 0)
    second = await asyncio.create_subprocess_exec(*command, env=variables, stderr=asyncio.subprocess.PIPE)
    _, errors = await second.communicate()
    assert (second.returncode, b"in use" in errors) == (2, True)
    first.terminate()
    assert await first.wait() == 0
