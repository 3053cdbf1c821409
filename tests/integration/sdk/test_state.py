"""What the client shows when states of a cart reach it in another order than that in which they came about."""

import pytest

from tests.integration.playground.scenes import CHROMIUM
from tests.integration.sdk.conftest import Site

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH and CHROMIUM is not set"),
    pytest.mark.asyncio(loop_scope="module"),
]
HEARD = """async ([url, during]) => {
    const { CartState } = await import(`${url}/sdk/state.js`);
    const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    const state = new CartState(storage, "told.", "demo", { all: () => [] }, null);
    const cart = (version, ...lines) => ({ id: "one", version, lines, customer_id: null });
    const mug = { line_id: "1", sku: "mug" };
    state.streamed(cart(1, mug), "e1");
    state.begin();
    if (during) state.streamed(cart(1, mug), "late");
    state.answered(cart(2), "e2");
    state.end();
    if (!during) state.streamed(cart(1, mug), "late");
    const overtaken = [state.shown.lines.length, state.etag];
    state.streamed(cart(3, mug), "e3");
    return [overtaken, [state.shown.lines.length, state.etag]];
}"""


@pytest.mark.parametrize("during", [True, False], ids=["while the command is under way", "after its answer"])
async def test_a_state_of_the_stream_that_an_answer_overtook_brings_nothing_back(site: Site, during: bool):
    """Story: a line that was taken out stood in the cart again for a moment, and the offer to undo it was gone."""
    window = await site.window(token=None)
    overtaken, newest = await window.run(HEARD, site.cart_url, during)
    assert overtaken == [0, "e2"]
    assert newest == [1, "e3"]
