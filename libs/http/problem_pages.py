"""Pages for people about the problem types of a server: plain HTML that loads nothing."""

import re
from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from libs.http.catalogue import PAGES_PATH, Catalogue, ProblemType
from libs.http.problems import Problem

HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STYLE = """
:root{color-scheme:light dark;--ink:#1f2430;--soft:#565f70;--paper:#fff;--line:#dfe3ea;--code:#f2f4f8;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaf0;--soft:#a6aebd;--paper:#12141a;--line:#2b303b;--code:#1d2129;
--link:#8ec2ff}}
*{box-sizing:border-box}
body{margin:0;padding:2rem 1.25rem 4rem;font:1.0625rem/1.6 system-ui,sans-serif;color:var(--ink);
background:var(--paper)}
main,nav{max-width:42rem;margin:0 auto}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .25rem}p{margin:.25rem 0 1rem}
a{color:var(--link);text-underline-offset:.15em}a:focus-visible{outline:3px solid var(--link);outline-offset:3px}
code{font:.9em/1.4 ui-monospace,monospace;background:var(--code);padding:.1em .35em;border-radius:4px;
overflow-wrap:anywhere}
dl{margin:0;display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dt{color:var(--soft)}dd{margin:0}
ul{list-style:none;margin:0;padding:0}li{border-top:1px solid var(--line);padding:.75rem 0}
li span{display:block;color:var(--soft);font-size:.95rem}
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
ONE = """<nav aria-label="Breadcrumb"><a href="{all}">All problems</a></nav>
<main>
<h1>{title}</h1>
<dl><dt>Type</dt><dd><code>{urn}</code></dd><dt>Status</dt><dd>{status}</dd></dl>
<h2>What happened</h2>
<p>{happened}</p>
<h2>What to do</h2>
<p>{remedy}</p>
</main>"""
ALL = """<main>
<h1>Problems</h1>
<p>Every error of this service is a problem document (RFC 9457). Programs go by its <code>type</code>, which never
changes; its <code>detail</code> says in words what was wrong with this request.</p>
{groups}
</main>"""


def problem_routes(catalogue: Catalogue) -> list[Route]:
    """`/problems` lists the types of the catalogue, `/problems/{slug}` explains one."""

    async def all_problems(_: Request) -> Response:
        return HTMLResponse(_index(catalogue.values()), headers=HEADERS)

    async def one_problem(request: Request) -> Response:
        kind = catalogue.get(request.path_params["slug"])
        if kind is None:
            raise Problem(404, "not-found", "There is no such problem.")
        return HTMLResponse(_page(kind), headers=HEADERS)

    return [Route(PAGES_PATH, all_problems), Route(PAGES_PATH + "/{slug}", one_problem)]


def _page(kind: ProblemType) -> str:
    body = ONE.format(
        all=PAGES_PATH,
        title=escape(kind.title),
        urn=escape(kind.urn),
        status=kind.status,
        happened=_prose(kind.happened),
        remedy=_prose(kind.remedy),
    )
    return PAGE.format(title=escape(kind.title), style=STYLE, body=body)


def _index(kinds: Iterable[ProblemType]) -> str:
    by_status: dict[int, list[ProblemType]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    groups = "\n".join(f"<h2>{status}</h2>\n<ul>\n{_items(found)}\n</ul>" for status, found in by_status.items())
    return PAGE.format(title="Problems", style=STYLE, body=ALL.format(groups=groups))


def _items(kinds: Iterable[ProblemType]) -> str:
    return "\n".join(
        f'<li><a href="{kind.path}"><code>{escape(kind.slug)}</code></a><span>{escape(kind.title)}</span></li>'
        for kind in kinds
    )


def _prose(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
