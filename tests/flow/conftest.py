"""One stack for all stories of a worker: each story has customers of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.flow.stack import FlowStack, flow_stack


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def flow(postgres_server, kafka, forks, tmp_path_factory) -> AsyncIterator[FlowStack]:
    async with flow_stack(tmp_path_factory.mktemp("flow"), postgres_server, kafka, forks) as stack:
        yield stack
