import json
from datetime import UTC, datetime
from email.message import EmailMessage

from deploy.playground.content import read_content
from deploy.playground.messages import summarize, with_trace

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def traced(raw, to="ana@example.com"):
    return with_trace(raw, "shop@example.com", [to], "client ([127.0.0.1])", AT)


def an_email(**headers):
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("See http://shop.test/a?x=1&y=2. Bye")
    message.add_alternative('<p>Hi <a href="http://shop.test/b?x=1&amp;y=2">cart</a></p>', subtype="html")
    return message.as_bytes()


def test_a_summary_is_read_from_the_headers_alone():
    raw = traced(an_email(From="Žak <shop@example.com>", Subject="Vaša šolja čeka", Message_ID="<1@shop>"))
    summary = summarize("0000001767323045000000.eml", raw)
    assert summary.sender == "shop@example.com"
    assert summary.recipients == ("ana@example.com",)
    assert summary.subject == "Vaša šolja čeka"
    assert summary.key == "email <1@shop>"
    assert summary.received_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_raw_utf_8_in_headers_is_understood():
    raw = traced("Subject: Привет\r\n\r\nbody".encode(), to="аня@пример.рф")
    summary = summarize("1.eml", raw)
    assert (summary.subject, summary.recipients) == ("Привет", ("аня@пример.рф",))
    assert ("Subject", "Привет") in read_content("email", raw).headers


def test_malformed_messages_are_read_as_far_as_they_go():
    for raw in (
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?b?!?=\r\nSubject: \xe9\r\n\r\n\xe9",
        b"Content-Type: text/html; charset=nope\r\n\r\n<a>\xe9",
    ):
        summary = summarize("1.eml", traced(raw))
        content = read_content("email", traced(raw))
        json.dumps([summary.subject, content.headers, content.text, content.html], ensure_ascii=False).encode()


def test_both_bodies_and_their_links_are_read():
    content = read_content("email", traced(an_email(Subject="x")))
    assert content.text == "See http://shop.test/a?x=1&y=2. Bye\n"
    assert content.html == '<p>Hi <a href="http://shop.test/b?x=1&amp;y=2">cart</a></p>\n'
    assert content.links == ["http://shop.test/b?x=1&y=2", "http://shop.test/a?x=1&y=2"]


def test_an_attached_page_is_not_the_body():
    message = EmailMessage()
    message.set_content("text")
    message.add_attachment("<p>attached</p>", subtype="html", filename="a.html")
    assert read_content("email", message.as_bytes()).html is None


def test_a_link_that_runs_a_script_is_no_link():
    raw = b'Content-Type: text/html\r\n\r\n<a href="javascript:alert(1)">x</a><a href="http://a/">y</a>'
    assert read_content("email", raw).links == ["http://a/"]


def test_an_answer_of_a_customer_concerns_its_sender():
    resource = {"body": "STOP", "direction": "inbound", "from": "+12015550123", "to": "+12015550100"}
    summary = summarize("1.json", json.dumps(resource).encode())
    assert summary.concerns("+12015550123")
    assert summary.key is None
