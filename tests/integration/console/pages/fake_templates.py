"""A stand-in of the notifier's templates: one that ships, versions of it, and drafts that are looked at."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

NOW = "2026-12-01T10:15:00+00:00"
LETTER = (
    '<!doctype html><html lang=en><meta name="color-scheme" content="light dark"><title>t</title>'
    "<style>@media (prefers-color-scheme: dark) { body { color: white; background: black } }</style>"
)
WORDS = {
    "en": {
        "subject": {"one": "{n} item waits", "other": "{n} items wait"},
        "preheader": "{first}: go on",
        "heading": "Your cart waits",
        "body": "It is saved at {store}.",
        "button": "Back to it",
        "badge": None,
        "text_message": "{store}: your cart waits: {url}",
    },
    "de": {
        "subject": {"one": "{n} Artikel wartet", "other": "{n} Artikel warten"},
        "preheader": "{first}: weiter",
        "heading": "Ihr Warenkorb wartet",
        "body": "Er ist bei {store} gespeichert.",
        "button": "Zurück",
        "badge": None,
        "text_message": None,
    },
}
SHIPPED: dict[str, Any] = {"words": WORDS, "variables": [], "mjml": None, "text": None, "text_message": None}


@dataclass
class FakeTemplates:
    """What the notifier knows of `abandoned_cart_1` and of templates that were said; `said` are versions by name."""

    versions: dict[str, list[Any]] = field(default_factory=dict)
    file: set[str] = field(default_factory=set)

    def say(self, name: str, said: Any) -> int:
        """Somebody says a template; its version."""
        self.versions.setdefault(name, []).append(said)
        return len(self.versions[name])

    def answer(self, method: str, rest: str, request: httpx.Request) -> httpx.Response | None:
        """An answer, if it is about templates."""
        if rest == "/preview" and method == "POST":
            return self._preview(json.loads(request.content))
        if not rest.startswith("/templates"):
            return None
        body: Any = json.loads(request.content) if request.content else None
        name, _, more = rest.removeprefix("/templates").strip("/").partition("/")
        if not name:
            return httpx.Response(200, json={"templates": [{"name": one} for one in self.versions]})
        if more == "in-force":
            return self._in_force(name)
        if more.startswith("versions"):
            return self._versions(name, more.removeprefix("versions").strip("/"))
        kept = self.versions.get(name, [])
        if request.headers.get("if-match", f'"{len(kept)}"') != f'"{len(kept)}"':
            return httpx.Response(412, json={"detail": "The template has changed since this version."})
        if more == "rollback":
            self.say(name, kept[body["version"] - 1])
        elif "dry_run" not in str(request.url):
            self.say(name, body if method == "PUT" else None)
        told = {"name": name, "dry_run": False, "changed": True, "version": len(self.versions.get(name, []))}
        return httpx.Response(200, json=told)

    def _preview(self, asked: Any) -> httpx.Response:
        words = asked["said"]["words"].get(asked["language"], {})
        email = asked["channel"] == "email"
        if not email and not words.get("text_message"):
            return httpx.Response(404, json={"detail": "There are no words for this template on this channel."})
        who = asked.get("customer", "a sample")
        html = f"{LETTER}<h1>{words.get('heading')}</h1><p>for {who}</p>"
        text = f"{words.get('text_message')} ({who})"
        shown = {"subject": "s", "html": html if email else None, "text": text}
        return httpx.Response(200, json=shown | {"characters": len(text), "segments": None if email else 2})

    def _in_force(self, name: str) -> httpx.Response:
        kept = self.versions.get(name, [])
        newest = kept[-1] if kept else None
        if newest is None and name != "abandoned_cart_1":
            problem = {"type": "urn:evercart:problem:unknown-template", "detail": "There is no such template."}
            return httpx.Response(404, json=problem)
        source = "file" if name in self.file else "shipped" if newest is None else "api"
        told = {"name": name, "source": source, "version": len(kept), "said": newest or SHIPPED}
        return httpx.Response(200, json=told, headers={"ETag": f'"{len(kept)}"'})

    def _versions(self, name: str, number: str) -> httpx.Response:
        kept = self.versions.get(name, [])
        about = [
            {"version": n, "made_by": "console", "made_at": NOW, "rolled_back_to": None}
            for n in range(1, len(kept) + 1)
        ]
        if number:
            at = int(number) - 1
            return httpx.Response(200, json={"name": name, **about[at], "said": kept[at]})
        return httpx.Response(200, json={"versions": about[::-1], "next": None})
