"""A customer is forgotten here: in the transaction of the batch that asked."""

from libs.contracts.events import ErasureRequested
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.console.db import audit, erase_customer


async def erase(connection: Connection, request: ErasureRequested) -> None:
    """Takes a customer out of every table. The caller holds the lock of erasures alone. Again: finds nothing."""
    await erasure.remember(connection, request)
    await erase_customer.erase(connection, request)
    await audit.forget(connection, request.store_id, request.customer_ids)
