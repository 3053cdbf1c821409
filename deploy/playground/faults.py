"""Failures asked for by a test: the next deliveries of a channel go wrong in the way that was named."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace

REPLY = r"[45]\d\d( [45]\.\d{1,3}\.\d{1,3} [ -~]{1,200})?"
SMTP = re.compile(REPLY + "|hang|drop_before_data|drop_after_data|hang_after_data")
TWILIO = re.compile(r"[45]\d\d|21\d\d\d|drop_before_accept|drop_after_accept|hang_after_accept")
STAGES = ("mail", "rcpt", "data")
MOST_TIMES = 1_000_000


class FaultError(ValueError):
    """The request for a failure is not one that the stand-ins know."""


@dataclass(frozen=True, slots=True)
class Fault:
    """``kind`` is a reply or a name; ``stage`` the SMTP command that fails; ``to`` limits it to one recipient."""

    channel: str
    kind: str
    times: int
    stage: str = "data"
    to: str | None = None

    @classmethod
    def from_request(cls, body: object) -> Fault:
        """Reads ``{"smtp"|"twilio": kind, "times": n, "stage"?: …, "to"?: …}``; raises `FaultError`."""
        if not isinstance(body, dict) or not set(body) <= {"smtp", "twilio", "times", "stage", "to"}:
            raise FaultError("expected an object of smtp or twilio, times, stage and to")
        if ("smtp" in body) == ("twilio" in body):
            raise FaultError("name either smtp or twilio")
        channel = "smtp" if "smtp" in body else "twilio"
        kind, times, stage, to = body[channel], body.get("times", 1), body.get("stage", "data"), body.get("to")
        if not isinstance(kind, str) or not (SMTP if channel == "smtp" else TWILIO).fullmatch(kind):
            raise FaultError(f"unknown failure of {channel}")
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MOST_TIMES:
            raise FaultError(f"times must be 1 to {MOST_TIMES}")
        if stage not in STAGES or (kind == "hang" if stage == "data" else not before_data(kind)):
            raise FaultError("stage must be mail, rcpt or data; only replies and hang have one other than data")
        if to is not None and not isinstance(to, str):
            raise FaultError("to must be an address or a number")
        return cls(channel, kind, times, stage, to)


def before_data(kind: str) -> bool:
    """Whether a failure of SMTP is one that a command before DATA may have."""
    return kind == "hang" or kind[0].isdecimal()


class Faults:
    """The failures still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._pending: deque[Fault] = deque()

    def inject(self, fault: Fault) -> None:
        """Adds a failure behind those that are still to come."""
        self._pending.append(fault)

    def clear(self) -> None:
        """From now on all goes well."""
        self._pending.clear()

    def pending(self) -> list[Fault]:
        """What has not happened yet."""
        return list(self._pending)

    def take(self, channel: str, recipients: list[str], stage: str = "data") -> str | None:
        """The failure that this delivery suffers, which is thereby used up, or None."""
        for position, fault in enumerate(self._pending):
            if fault.channel != channel or fault.stage != stage or (fault.to and fault.to not in recipients):
                continue
            if fault.times > 1:
                self._pending[position] = replace(fault, times=fault.times - 1)
            else:
                del self._pending[position]
            return fault.kind
        return None
