import asyncio

import pytest

from deploy.playground.folder import DurableFolder
from deploy.playground.mailbox import Mailbox

EMAIL = b"Delivered-To: ana@example.com\r\nSubject: x\r\nMessage-ID: <%d@shop>\r\n\r\nbody"


@pytest.fixture
def folder(tmp_path):
    return DurableFolder(tmp_path)


async def add(mailbox, number=1):
    return await mailbox.add(lambda _: ("eml", EMAIL % number))


async def test_whoever_waits_is_let_go_when_the_end_has_come(folder):
    mailbox = Mailbox(folder, 10)
    waiting = asyncio.create_task(mailbox.wait_for(None, 0, None, 10, 60))
    await asyncio.sleep(0)
    mailbox.stop_waiting()
    assert await waiting == []
    assert await mailbox.wait_for(None, 0, None, 10, 60) == []


async def test_one_who_gives_up_waiting_loses_nobody_elses_message(folder):
    mailbox = Mailbox(folder, 10)
    gone = asyncio.create_task(add(mailbox))
    staying = asyncio.create_task(add(mailbox, 2))
    await asyncio.sleep(0)
    gone.cancel()
    await staying
    assert {summary.key for summary in mailbox.find()} == {"email <1@shop>", "email <2@shop>"}


async def test_ids_rise_however_many_come_at_once(folder):
    mailbox = Mailbox(folder, 1000)
    kept = await asyncio.gather(*(add(mailbox, number) for number in range(200)))
    ids = [summary.id for summary in kept]
    assert ids == sorted(set(ids))
    assert [summary.id for summary in Mailbox(folder, 1000).find(limit=1000)] == ids[::-1]


async def test_half_written_and_foreign_files_are_no_messages(folder, tmp_path, caplog):
    await add(Mailbox(folder, 10))
    (tmp_path / "1.eml.part").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "5.json").write_text("{")
    assert len(Mailbox(DurableFolder(tmp_path), 10).find()) == 1
    assert not (tmp_path / "1.eml.part").exists()
    assert "notes.txt" in caplog.text


async def test_a_disk_that_fails_is_told_and_the_next_message_is_kept(folder, monkeypatch):
    mailbox = Mailbox(folder, 10)

    def fail(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_all", fail)
        with pytest.raises(OSError, match="No space"):
            await add(mailbox)
    await add(mailbox)
    assert len(mailbox.find()) == 1
