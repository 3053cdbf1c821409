import pytest

from deploy.playground.faults import Fault, FaultError, Faults


def faults(*requests):
    injected = Faults()
    for request in requests:
        injected.inject(Fault.from_request(request))
    return injected


def test_a_fault_happens_as_often_as_asked_and_then_never():
    injected = faults({"smtp": "451", "times": 2})
    assert [injected.take("smtp", ["a@b"]) for _ in range(3)] == ["451", "451", None]


def test_a_fault_of_one_channel_leaves_the_other_alone():
    injected = faults({"twilio": "429"})
    assert injected.take("smtp", []) is None
    assert injected.take("twilio", []) == "429"


def test_a_fault_waits_for_its_recipient():
    injected = faults({"smtp": "550", "to": "gone@example.com"})
    assert injected.take("smtp", ["ana@example.com"]) is None
    assert injected.take("smtp", ["gone@example.com"]) == "550"


def test_a_fault_waits_for_its_stage():
    injected = faults({"smtp": "550", "stage": "rcpt"})
    assert injected.take("smtp", ["a@b"], "mail") is None
    assert injected.take("smtp", ["a@b"], "rcpt") == "550"


@pytest.mark.parametrize(
    "request_body",
    [
        None,
        [],
        {},
        {"smtp": "451", "twilio": "429"},
        {"smtp": "250"},
        {"smtp": 451},
        {"smtp": "drop_after_accept"},
        {"smtp": "451", "times": 0},
        {"smtp": "451", "times": True},
        {"smtp": "drop_after_data", "stage": "rcpt"},
        {"smtp": "hang"},
        {"smtp": "550 no enhanced code"},
        {"smtp": "550 5.1.1 two\r\nlines"},
        {"smtp": "451", "unknown": 1},
    ],
)
def test_a_fault_that_does_not_exist_is_refused(request_body):
    with pytest.raises(FaultError):
        Fault.from_request(request_body)
