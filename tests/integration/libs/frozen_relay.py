"""A relay that stops its own process when it has read its first batch and sent nothing of it.

python -m tests.integration.libs.frozen_relay DSN BOOTSTRAP PREFIX LAPSE_S HEEDFUL

Each line of its output names the fault that a leadership of it has ended with. Unless `HEEDFUL` is 1 it does not ask
PostgreSQL whether it still leads while it waits for Kafka, as if that question came a moment too late.
"""

import asyncio
import os
import signal
import sys

from libs.outbox.relay import Relay


class Frozen(Relay):
    """Freezes once."""

    heedful, frozen = True, False

    async def _send_all(self, kafka, batch):
        if not Frozen.frozen:
            Frozen.frozen = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await super()._send_all(kafka, batch)

    async def _while_alive(self, connection, sending):
        if self.heedful:
            await super()._while_alive(connection, sending)
        else:
            async with asyncio.timeout(20):
                await sending

    async def _lead(self):
        try:
            await super()._lead()
        except Exception as error:
            print(type(error).__name__, flush=True)
            raise


if __name__ == "__main__":
    dsn, bootstrap, prefix, lapse_s, heedful = sys.argv[1:]
    Frozen.heedful = heedful == "1"
    asyncio.run(Frozen(dsn, bootstrap, topic_prefix=prefix, poll_s=0.05, lapse_s=float(lapse_s)).run())
