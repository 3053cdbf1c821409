"""Health: what the DNS and recipients say of the sender, with what to do, and how far the console has read."""

import re
from datetime import timedelta

import pytest

from services.console.db import faults
from services.console.domain.faults import Fault
from services.notifier.domain.senders.finding import CODES, Finding
from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_senders import MANY, D, senders

HEALTH = "/stores/shop/health"
TOLD = {
    "en": (f"{D} has 2 SPF records", "Put all of it into one record", "Complaints", "0.05\u00a0%"),
    "de": (f"{D} hat 2 SPF-Einträge", "Alles in einen Eintrag setzen", "Beschwerden", "0,05\u00a0%"),
    "pl": (f"Rekordów SPF domeny {D}: 2", "Umieść wszystko w jednym rekordzie", "Skargi", "0,05\u00a0%"),
}


async def week(console: Console, *, sent: int, delivered: int, bounced: int = 0, complained: int = 0) -> None:
    """What a week's e-mails came to."""
    await console.pool.execute(
        "INSERT INTO touch_sums SELECT 'shop', $1::date, 'cart', 'abandoned_cart', '', 1, '', channel, '',"
        " $2, 0, $2, 0, $2, $3, $4, $5, 0, 0, 0 FROM unnest('{email,sms}'::text[]) AS channel",
        console.clock().date(),
        *(sent, delivered, bounced, complained),
    )


@pytest.mark.parametrize("language", TOLD)
async def test_what_is_broken_is_told_with_what_to_do_in_each_language(console: Console, language: str):
    await week(console, sent=10_000, delivered=9000, bounced=50, complained=5)
    console.fake.senders = senders(MANY)
    viewer = await console.somebody("viewer")
    viewer.http.headers["accept-language"] = language
    page = (await viewer.get(HEALTH)).text
    for words in TOLD[language]:
        assert words in page, words


async def test_a_name_of_the_dns_runs_nothing(console: Console):
    console.fake.senders = senders(Finding("spf", D, "spf_broken", "<script>x</script>", "v=spf1 <img src=x>"))
    page = (await (await console.somebody("ops")).get(HEALTH)).text
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert "<img" not in page


@pytest.mark.parametrize("code", CODES)
async def test_each_finding_is_told(console: Console, code: str):
    console.fake.senders = senders(Finding("spf", "name.shop", code, "17"))
    page = (await (await console.somebody("viewer")).get(HEALTH)).text
    assert "name.shop" in page
    assert "{" not in page[page.index('id="sender"') :]


async def test_what_a_newer_notifier_finds_is_told_in_its_own_words(console: Console):
    (sender,) = senders(MANY)
    sender["findings"][0] |= {"code": "spf_of_tomorrow", "what": "tomorrow"}
    console.fake.senders = [sender]
    assert MANY.detail in (await (await console.somebody("viewer")).get(HEALTH)).text


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"sent": 499, "delivered": 499, "complained": 9}, "Not enough yet: below 500 messages"),
        ({"sent": 5000, "delivered": 0}, "Nobody tells what becomes of messages"),
        ({"sent": 5000, "delivered": 4900, "complained": 6}, "Write less often"),
        ({"sent": 5000, "delivered": 4900, "bounced": 300}, "Look where the addresses come from"),
    ],
)
async def test_rates_are_told_where_they_are_any(console: Console, numbers: dict[str, int], told: str):
    await week(console, **numbers)
    page = (await (await console.somebody("viewer")).get(HEALTH)).text
    assert told in page
    assert f"{numbers['sent']:,} e-mails in 7 days" in page, "texts are no e-mails"


async def test_a_notifier_that_says_nothing_and_a_store_that_sends_no_letters(console: Console):
    viewer = await console.somebody("viewer")
    console.fake.senders = []
    assert "The store sends no e-mails" in (await viewer.get(HEALTH)).text
    console.fake.silent = {"notifier"}
    page = (await viewer.get(HEALTH)).text
    assert "Sender and reputation" in page
    assert "Not enough yet" not in page


async def test_a_fault_of_the_dns_leads_to_what_was_found(console: Console):
    async with console.pool.acquire() as connection:
        await faults.see(connection, [Fault("dns", "shop", f"SPF: {MANY.detail}", 1.0)], console.clock())
    page = (await (await console.somebody("viewer")).get(HEALTH)).text
    assert f'<a href="#sender" lang="en">SPF: {MANY.detail}</a>' in page


CARRIED = """
INSERT INTO touches (reminder_id, store_id, customer_id, campaign, kind, step, channel, told_at, happened_at, ended,
    provider, delivered_at, bounced_at)
SELECT gen_random_uuid(), store_id, 'anna', 'cart', 'abandoned_cart', 1, 'email', $1::timestamptz, $1 - days, ended,
    provider, CASE became WHEN 'delivered' THEN $1 - days END, CASE became WHEN 'bounced' THEN $1 - days END
FROM (VALUES ('shop', 'ses', 'sent', 'delivered', interval '1 day', 1203),
    ('shop', 'ses', 'sent', 'bounced', '6 days', 4), ('shop', 'ses', 'failed', '', '0 days', 7),
    ('shop', 'ses', 'sent', 'delivered', '8 days', 30), ('shop', 'smtp_eu', 'sent', '', '1 day', 5),
    ('shop', NULL, 'cancelled', '', '1 day', 9), ('other', 'twilio', 'sent', '', '1 day', 1))
    AS made (store_id, provider, ended, became, days, number),
    generate_series(1, number)
"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Who carries the messages", "Taken", "Came back", "Refused", "1,207")),
        ("de", ("Wer die Nachrichten befördert", "Angenommen", "Zurückgekommen", "Abgelehnt", "1.207")),
        ("pl", ("Kto przenosi wiadomości", "Przyjęte", "Wróciły", "Odrzucone", "1207")),
    ],
)
async def test_what_became_of_a_week_s_messages_is_told_by_provider(
    console: Console, language: str, words: tuple[str, ...]
):
    ops = await console.somebody("ops")
    assert "No message of the last 7 days" in (await ops.get(HEALTH)).text
    await console.pool.execute(CARRIED, console.clock())
    ops.http.headers["accept-language"] = language
    page = (await ops.get(HEALTH)).text
    told = page[page.index('id="carried"') : page.index('id="read"')]
    for one in words:
        assert one in told.replace("\u00a0", ""), one
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in told.split("<tr>")[2:]]
    numbers = [[re.sub(r"\D", "", cell) for cell in row[1:]] for row in rows]
    assert numbers == [["1207", "1203", "4", "7"], ["5", "0", "0", "0"]]
    assert 'messages?provider=smtp_eu">smtp_eu</a>' in told
    viewer = await console.somebody("viewer")
    assert "messages?provider" not in (await viewer.get(HEALTH)).text, "may not look at messages one by one"


async def test_how_far_the_console_has_read_is_told(console: Console):
    viewer = await console.somebody("viewer")
    assert "Nothing was measured yet" in (await viewer.get(HEALTH)).text
    await console.pool.execute(
        "INSERT INTO reading VALUES ('cart.events', 0, 1400, $1, $1::timestamptz + interval '11 minutes'),"
        " ('stores', 0, 0, NULL, $1::timestamptz + interval '11 minutes')",
        console.clock() - timedelta(minutes=11),
    )
    page = (await viewer.get(HEALTH)).text
    read = page[page.index('id="read"') :]
    assert '<span class="tag bad">stuck</span> 1,400' in read
    assert "11 minutes ago" in read
    assert '<span class="tag good">fine</span> 0' in read
