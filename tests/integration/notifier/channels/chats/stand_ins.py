"""WhatsApp and Telegram, as servers on loopback that answer as their documentation says."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.integration.notifier.http_stand_ins import SECRET, StandIn


class Telegram(StandIn):
    TOKEN = "123456789:AAGx-stand_in-0123456789abcdefghijk"
    path = f"/bot{TOKEN}/sendMessage"

    async def take(self, request: Request) -> Response:
        said = await request.json()
        if not isinstance(said["chat_id"], int):
            return self.error(400, "Bad Request: chat not found")
        if not said["text"]:
            return self.error(400, "Bad Request: message text is empty")
        if len(said["text"]) > 4096:
            return self.error(400, "Bad Request: message is too long")
        self.taken.append(said)
        result = {"message_id": len(self.taken), "date": 1764500000, "chat": {"id": said["chat_id"], "type": "private"}}
        return JSONResponse({"ok": True, "result": result | {"text": said["text"]}})

    @staticmethod
    def error(status: int, description: str) -> Response:
        return JSONResponse({"ok": False, "error_code": status, "description": description}, status)


class WhatsApp(StandIn):
    """`templates` are approved: name and language → how many places its body has, and whether a button follows."""

    NUMBER_ID = "106540352242922"
    path = f"/v23.0/{NUMBER_ID}/messages"

    def __init__(self) -> None:
        super().__init__()
        self.templates: dict[tuple[str, str], tuple[int, bool]] = {("cart_left", "en_US"): (2, True)}

    async def take(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return self.error(401, 190, "Invalid OAuth access token - Cannot parse access token")
        said = await request.json()
        if said["messaging_product"] != "whatsapp" or said["type"] != "template":
            return self.error(400, 100, "Invalid parameter")
        if not re.fullmatch(r"[1-9]\d{6,14}", said["to"]):
            return self.error(400, 131009, "Parameter value is not valid")
        if len(said.get("biz_opaque_callback_data", "")) > 512:
            return self.error(400, 131009, "Parameter value is not valid")
        if refused := self._filled(said["template"]):
            return refused
        self.taken.append(said)
        answer = {"messaging_product": "whatsapp", "contacts": [{"input": said["to"], "wa_id": said["to"]}]}
        return JSONResponse(answer | {"messages": [{"id": f"wamid.{len(self.taken)}", "message_status": "accepted"}]})

    def _filled(self, template: dict[str, Any]) -> Response | None:
        known = self.templates.get((template["name"], template["language"]["code"]))
        if known is None:
            return self.error(404, 132001, "Template name does not exist in the translation")
        parts = {one["type"]: one["parameters"] for one in template["components"]}
        if (len(parts.get("body", [])), "button" in parts) != known:
            return self.error(400, 132000, "Number of parameters does not match the expected number of params")
        texts = [parameter["text"] for parameters in parts.values() for parameter in parameters]
        if not all(texts):
            return self.error(400, 131008, "Required parameter is missing")
        if any(re.search(r"[\n\t]| {5}", text) or len(text) > 1024 for text in texts):
            return self.error(400, 132018, "Param text cannot have new-line/tab characters or more than 4 spaces")
        return None

    @staticmethod
    def error(status: int, code: int, message: str) -> Response:
        error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "Az8or2yhq"}
        return JSONResponse({"error": error}, status)
