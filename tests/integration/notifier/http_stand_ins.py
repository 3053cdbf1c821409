"""Providers that are spoken to over HTTP, as servers on loopback that answer as their documentation says."""

import base64
import email.policy
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable
from email import message_from_bytes
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.serving import HttpServer

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
"""The one that each of them wants to be shown, or signed by."""
CUT_OFF = {"content-length": "999999"}
"""Of an answer that never comes to its end: its server hangs up."""


class StandIn:
    """What they share: `taken` are the messages that are accepted, and `fails` says what comes instead."""

    path = "/"

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked: list[Request] = []
        self._faults: deque[tuple[bool, Callable[[], Response]]] = deque()
        self.server = HttpServer(Starlette(routes=self.routes()))

    def routes(self) -> list[Route]:
        return [Route(self.path, self._take, methods=["POST"])]

    def fails(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        """The next request is answered with this instead of being looked at."""
        content = json.dumps(body).encode() if body is not None else b""
        self._faults.append((False, lambda: Response(content, status, headers, "application/json")))

    def hangs_up_after_taking(self) -> None:
        """The next message is taken, and whoever sent it is not told."""
        self._faults.append((True, lambda: Response(b"{", 200, CUT_OFF)))

    async def stop(self) -> None:
        await self.server.stop()

    async def _take(self, request: Request) -> Response:
        self.asked.append(request)
        takes, answer = self._faults.popleft() if self._faults else (True, None)
        if takes:
            judged = await self.take(request)
            answer = answer if answer is not None and judged.status_code < 300 else lambda: judged
        assert answer is not None
        return answer()

    async def take(self, request: Request) -> Response:
        """The provider's own checks, in its order, and its yes."""
        raise NotImplementedError


class Postmark(StandIn):
    path = "/email"

    def routes(self) -> list[Route]:
        return [*super().routes(), Route("/messages/outbound", self._search)]

    def _log_in(self, request: Request) -> Response | None:
        if request.headers.get("x-postmark-server-token") == SECRET:
            return None
        return JSONResponse({"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied."}, 401)

    async def take(self, request: Request) -> Response:
        if refused := self._log_in(request):
            return refused
        said = await request.json()
        if not re.fullmatch(r".*[^\s@]+@[^\s@]+\.[^\s@]+>?", said["From"]):
            return JSONResponse({"ErrorCode": 300, "Message": "Invalid 'From' address: 'x'."}, 422)
        if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", said["To"]):
            return JSONResponse({"ErrorCode": 300, "Message": "Invalid 'To' address: 'x'."}, 422)
        if any(len(name) > 20 or len(value) > 80 for name, value in said["Metadata"].items()):
            return JSONResponse({"ErrorCode": 300, "Message": "Metadata is too long."}, 422)
        self.taken.append(said)
        answer = {"To": said["To"], "SubmittedAt": "2026-12-01T07:25:01.4178645-05:00", "ErrorCode": 0, "Message": "OK"}
        return JSONResponse({**answer, "MessageID": f"pm-{len(self.taken)}"})

    async def _search(self, request: Request) -> Response:
        if refused := self._log_in(request):
            return refused
        if not {"count", "offset"} <= set(request.query_params):
            return JSONResponse({"ErrorCode": 600, "Message": "count and offset are required."}, 422)
        wanted = request.query_params.get("metadata_reminder_id")
        found = [n for n, one in enumerate(self.taken, 1) if one["Metadata"]["reminder_id"] == wanted]
        messages = [{"MessageID": f"pm-{n}", "Status": "Sent"} for n in found]
        return JSONResponse({"TotalCount": len(messages), "Messages": messages})


class Resend(StandIn):
    path = "/emails"

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[str, tuple[bytes, str]] = {}

    async def take(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return self._error(403, "invalid_api_key", "API key is invalid")
        body, key = await request.body(), request.headers["idempotency-key"]
        if not 1 <= len(key) <= 256:
            return self._error(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        if key in self._keys:
            same, given = self._keys[key]
            if same != body:
                return self._error(409, "invalid_idempotent_request", "This key was used with another payload.")
            return JSONResponse({"id": given})
        said = json.loads(body)
        if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", part) for tag in said["tags"] for part in tag.values()):
            return self._error(422, "validation_error", "Tags should only contain ASCII letters, numbers, …")
        self.taken.append(said)
        self._keys[key] = body, f"re-{len(self.taken)}"
        return JSONResponse({"id": self._keys[key][1]})

    @staticmethod
    def _error(status: int, name: str, message: str) -> Response:
        return JSONResponse({"statusCode": status, "name": name, "message": message}, status)


class SendGrid(StandIn):
    path = "/v3/mail/send"
    RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"} | {
        "to",
        "from",
        "subject",
        "reply-to",
        "cc",
        "bcc",
    }

    async def take(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return self._error(401, "The provided authorization grant is invalid, expired, or revoked", None)
        said = await request.json()
        if self.RESERVED & {name.lower() for name in said["headers"]}:
            return self._error(400, "The header is reserved.", "headers")
        if [part["type"] for part in said["content"]] != ["text/plain", "text/html"]:
            return self._error(400, "The plain text has to come first.", "content")
        if not all(isinstance(value, str) for value in said["custom_args"].values()):
            return self._error(400, "Custom arguments have to be strings.", "custom_args")
        self.taken.append(said)
        return Response(b"", 202, {"X-Message-Id": f"sg-{len(self.taken)}"})

    @staticmethod
    def _error(status: int, message: str, field: str | None) -> Response:
        return JSONResponse({"errors": [{"message": message, "field": field, "help": None}]}, status)


class Mailgun(StandIn):
    DOMAIN = "mg.nordwind.example"
    path = "/v3/{domain}/messages.mime"

    def routes(self) -> list[Route]:
        return [*super().routes(), Route("/v3/{domain}/events", self._search)]

    async def _search(self, request: Request) -> Response:
        said = request.query_params
        assert (said["event"], float(said["begin"]) > 0) == ("accepted", True)
        items = [
            {
                "event": "accepted",
                "user-variables": {"reminder_id": one["v:reminder_id"]},
                "message": {"headers": {"message-id": message_from_bytes(one["message"])["Message-ID"].strip("<>")}},
            }
            for one in self.taken
            if one["to"] == said["recipient"]
        ]
        return JSONResponse({"items": items, "paging": {}})

    async def take(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Basic " + base64.b64encode(f"api:{SECRET}".encode()).decode():
            return Response(b"Forbidden", 401)
        if request.path_params["domain"] != self.DOMAIN:
            return JSONResponse({"message": f"Domain not found: {request.path_params['domain']}"}, 404)
        said, content = multipart(request.headers["content-type"], await request.body())
        if "@" not in said.get("to", ""):
            return JSONResponse({"message": "to parameter is not a valid address. please check documentation"}, 400)
        self.taken.append(said | {"message": content})
        return JSONResponse({"id": message_from_bytes(content)["Message-ID"], "message": "Queued. Thank you."})


def multipart(kind: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """The fields of a form, and the file `message` of it."""
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=email.policy.HTTP)
    said, content = {}, b""
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        if name == "message":
            _, _, content = part.as_bytes().partition(b"\r\n\r\n")
        else:
            said[name] = str(part.get_content())
    return said, content


class Ses(StandIn):
    """Checks the signature by itself, as Amazon's page on Signature Version 4 describes it."""

    path = "/v2/email/outbound-emails"
    KEY_ID = "AKIDEXAMPLE"

    async def take(self, request: Request) -> Response:
        if not self._signed(request, await request.body()):
            return self._error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match …")
        said = await request.json()
        tags = [part for tag in said["EmailTags"] for part in tag.values()]
        if not all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", part) for part in tags):
            return self._error(400, "BadRequestException", "Invalid tag")
        self.taken.append(said | {"raw": base64.b64decode(said["Content"]["Raw"]["Data"], validate=True)})
        return JSONResponse({"MessageId": f"ses-{len(self.taken)}"})

    def _signed(self, request: Request, body: bytes) -> bool:
        given = request.headers.get("authorization", "")
        read = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\w+)/((\d{8})/([\w-]+)/ses/aws4_request), SignedHeaders=([\w;-]+), "
            r"Signature=([0-9a-f]{64})",
            given,
        )
        if read is None or read[1] != self.KEY_ID or not {"host", "x-amz-date"} <= set(read[5].split(";")):
            return False
        head = "".join(f"{name}:{request.headers[name]}\n" for name in read[5].split(";"))
        asked = "\n".join(
            [request.method, quote(request.url.path), "", head, read[5], hashlib.sha256(body).hexdigest()]
        )
        moment = request.headers["x-amz-date"]
        text = f"AWS4-HMAC-SHA256\n{moment}\n{read[2]}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = b"AWS4" + SECRET.encode()
        for part in (read[3], read[4], "ses", "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(key.hex(), read[6]) and moment.startswith(read[3])

    @staticmethod
    def _error(status: int, kind: str, message: str) -> Response:
        return JSONResponse({"message": message}, status, {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/"})


class Vonage(StandIn):
    path = "/v1/messages"
    ACCOUNT = "abcd1234"

    async def take(self, request: Request) -> Response:
        log_in = base64.b64encode(f"{self.ACCOUNT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {log_in}":
            return self.problem(401, None, "You did not provide correct credentials.")
        said = await request.json()
        if not re.fullmatch(r"[1-9]\d{6,14}", said["to"]):
            return self.problem(422, 1020, "The value of one or more parameters is invalid.", "to")
        if len(said.get("client_ref", "")) > 100:
            return self.problem(422, 1020, "The value of one or more parameters is invalid.", "client_ref")
        self.taken.append(said)
        return JSONResponse({"message_uuid": f"vo-{len(self.taken)}"}, 202)

    @staticmethod
    def problem(status: int, code: int | None, detail: str, parameter: str | None = None) -> Response:
        page = "https://developer.vonage.com/api-errors" + (f"/messages-olympus#{code}" if code else "#unauthorized")
        body: dict[str, Any] = {"type": page, "title": detail, "detail": detail, "instance": "bf0ca0bf-927b"}
        if parameter:
            body["invalid_parameters"] = [{"name": parameter, "reason": "invalid"}]
        return JSONResponse(body, status)
