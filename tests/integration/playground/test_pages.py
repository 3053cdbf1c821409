import asyncio

import pytest

from tests.integration.playground.conftest import an_email, running, settings_for
from tests.integration.playground.test_texts import Callbacks

LETTER = """<html><head><title>x</title></head><body><script>alert(1)</script>
<a href="http://127.0.0.1/shop?recover=t">cart</a></body></html>"""


@pytest.mark.parametrize("path", ["/shop", "/inbox", "/shop?recover=t"])
async def test_pages_may_run_their_own_scripts_only(playground, path):
    answer = await playground.http.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self' http://127.0.0.1:9/sdk/; style-src 'self'" in policy
    assert "connect-src 'self' http://127.0.0.1:9;" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_front_leads_to_the_shop_and_takes_the_token_along(playground):
    answer = await playground.http.get("/?recover=a%2Bb")
    assert (answer.status_code, answer.headers["location"]) == (307, "/shop?recover=a%2Bb")


async def test_a_store_called_like_a_tag_is_shown_as_text(tmp_path):
    async with running(settings_for(tmp_path, store_name="<script>x</script>")) as started:
        for path in ("/shop", "/inbox"):
            page = (await started.http.get(path)).text
            assert "<script>x" not in page
            assert "&lt;script&gt;x&lt;/script&gt;" in page


async def test_a_letter_is_served_in_a_cell_without_scripts_or_origin(playground):
    await playground.send(an_email(html=LETTER))
    [message] = await playground.messages()
    answer = await playground.http.get(f"/api/messages/{message['id']}/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert '<head><base target="_blank">' in answer.text
    raw = await playground.http.get(f"/api/messages/{message['id']}/raw")
    assert raw.headers["content-type"].startswith("text/plain")


async def test_a_text_has_no_html(playground):
    await playground.text()
    [message] = await playground.messages()
    assert (await playground.http.get(f"/api/messages/{message['id']}/html")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/static/../settings.py", "/static/%2e%2e/settings.py", "/static/", "/static/nothing"]
)
async def test_nothing_but_static_files_is_served(playground, path):
    assert (await playground.http.get(path)).status_code in (404, 405)


async def test_unsubscribing_posts_what_rfc_8058_says_to_the_notifier(tmp_path):
    letter = an_email()
    letter["List-Unsubscribe"] = "<https://elsewhere.example/u/token?x=1>"
    letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    calls = Callbacks()
    async with await asyncio.start_server(calls, "127.0.0.1", 0) as server:
        notifier = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with running(settings_for(tmp_path, notifier_url=notifier)) as playground:
            await playground.send(letter)
            [message] = await playground.messages()
            answer = await playground.http.post(f"/api/messages/{message['id']}/unsubscribe", json={})
            assert answer.status_code == 204
            path, form, _ = await calls.forms.get()
            assert (path, form) == ("/u/token?x=1", {"List-Unsubscribe": "One-Click"})


async def test_a_letter_without_one_click_cannot_be_unsubscribed_from(playground):
    await playground.send(an_email())
    [message] = await playground.messages()
    answer = await playground.http.post(f"/api/messages/{message['id']}/unsubscribe", json={})
    assert answer.status_code == 409


async def test_a_foreign_name_that_points_here_is_turned_away(playground):
    answer = await playground.http.get("/shop/api/store", headers={"Host": "evil.example"})
    assert answer.status_code == 421
