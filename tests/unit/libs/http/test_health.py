import httpx
from starlette.applications import Starlette

from libs.http.health import health_routes


async def fine():
    return


async def broken():
    raise OSError("secret detail")


async def get(path, **checks):
    transport = httpx.ASGITransport(Starlette(routes=health_routes(checks)))
    async with httpx.AsyncClient(transport=transport, base_url="http://process") as client:
        return await client.get(path)


async def test_a_process_is_ready_when_every_check_passes():
    answer = await get("/health/ready", database=fine)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "failing": []})


async def test_a_failing_check_is_named_without_its_details():
    answer = await get("/health/ready", database=broken, kafka=fine)
    assert (answer.status_code, answer.json()["failing"]) == (503, ["database"])
    assert "secret" not in answer.text


async def test_a_process_lives_though_it_is_not_ready():
    assert (await get("/health/live", database=broken)).status_code == 200


async def test_metrics_are_in_the_format_of_prometheus():
    answer = await get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "python_info" in answer.text
