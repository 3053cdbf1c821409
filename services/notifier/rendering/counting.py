"""What a letter bears besides its words so that clicks and opens can be counted: nothing that anybody sees. Pure.

It is no part of the copy that is kept: whoever looks at that opens nothing.
"""

from dataclasses import replace
from html import escape
from typing import Final

from services.notifier.rendering.draft import Draft
from services.notifier.rendering.templates import Letter

HIDDEN: Final = '<a href="{url}" tabindex="-1" aria-hidden="true" rel="nofollow" style="display:none"></a>'
"""No person sees it, nobody hears it read aloud, and no key gets there: who follows it is a machine."""
PIXEL: Final = '<img src="{url}" alt="" width="1" height="1" style="display:block;width:1px;height:1px;border:0" />'


def with_counters(letter: Letter, draft: Draft) -> Letter:
    """The letter as it goes out: with the hidden link where clicks are counted, and the picture where opens are."""
    added = HIDDEN.format(url=escape(draft.hidden_url)) if draft.counts_clicks else ""
    added += PIXEL.format(url=escape(draft.pixel_url)) if draft.pixel_url else ""
    before, end, after = letter.html.rpartition("</body>")
    return replace(letter, html=f"{before}{added}{end}{after}") if added and end else letter
