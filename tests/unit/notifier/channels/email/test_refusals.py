"""What a relay's refusal means; the texts are those of Postfix, Exim, Exchange, Gmail and Amazon."""

import pytest

from services.notifier.channels.email.refusals import refusal
from services.notifier.channels.outcome import Postponed, Refused, Unclear


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (530, "5.7.0 Must issue a STARTTLS command first"),
        (530, "Authentication required"),
        (535, "5.7.8 Error: authentication failed"),
        (550, "relay not permitted"),
        (550, "5.4.5 Daily user sending limit exceeded"),
        (550, "5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy"),
        (550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
        (550, "5.7.515 Access denied, sending domain does not meet the required authentication level"),
        (553, "5.7.1 <hello@nordwind.example>: Sender address rejected: not owned by user notifier"),
        (553, "5.1.8 <hello@nordwind.example>: Sender address rejected: Domain not found"),
        (554, "5.7.1 <anna@mail.example>: Relay access denied"),
        (554, "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied"),
        (554, "Message rejected: Email address is not verified. The following identities failed the check"),
        (550, "5.7.1 Service unavailable, client host [192.0.2.1] blocked using blocklist"),
        (503, "5.5.1 Bad sequence of commands"),
    ],
)
def test_a_relay_that_refuses_us_fails_no_message_for_good(code, message):
    assert refusal(code, message) == Postponed(f"smtp_{code}_sender", ours=True)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (550, "No such user here"),
        (550, "5.7.1 not wanted here"),
        (550, "5.7.1 Recipient not authorized"),
        (550, "5.2.1 The email account that you tried to reach is disabled"),
        (552, "5.2.2 mailbox full"),
        (552, "5.3.4 message too big"),
        (554, "5.6.0 content rejected"),
        (554, "5.7.1 <anna@sender.example>: message refused"),
        (550, "5.4.1 Recipient address rejected: Access denied"),
    ],
)
def test_a_refusal_without_an_enhanced_code_about_the_recipient_suppresses_nobody(code, message):
    assert refusal(code, message) == Refused(f"smtp_{code}")


@pytest.mark.parametrize("enhanced", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_an_address_that_will_never_work_is_closed(enhanced):
    assert refusal(550, f"{enhanced} no such user") == Refused("smtp_550", suppress="bounced")


@pytest.mark.parametrize("code", [-1, 99, 199, 354, 999])
def test_a_reply_that_is_none_says_nothing(code):
    assert refusal(code, "Malformed SMTP response line") == Unclear("smtp_no_answer")
