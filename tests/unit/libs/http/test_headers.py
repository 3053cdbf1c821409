"""Headers that are found at once are the framework's."""

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from libs.http.headers import IndexedHeaders

NAMES = ("accept", "x-device", "x-cart-token", "authorization")
RAW = st.lists(st.tuples(st.sampled_from(NAMES).map(str.encode), st.binary(max_size=4)), max_size=6)


@given(RAW, st.sampled_from(NAMES))
def test_they_say_what_the_frameworks_say(raw: list[tuple[bytes, bytes]], name: str) -> None:
    ours, known = IndexedHeaders(raw), Headers(raw=raw)
    for asked in (name, name.title()):
        assert ours.get(asked) == known.get(asked)
        assert ours.get(asked, "") == known.get(asked, "")
    assert (name in ours, ours.getlist(name), ours.items()) == (name in known, known.getlist(name), known.items())
