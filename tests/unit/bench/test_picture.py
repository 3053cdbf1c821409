from xml.etree import ElementTree

from deploy.bench.picture import picture_of
from deploy.bench.rows import Row, Side, Turn

SVG = "{http://www.w3.org/2000/svg}"


def row(name: str, ours: float) -> Row:
    return Row(name, *(Side((Turn(int(rate), 1.0, 1.0, 1.0, {}, 0),)) for rate in (ours, 100)))


def bars(picture: str, kind: str, what: str) -> list[float]:
    found = ElementTree.fromstring(picture).findall(f"{SVG}{kind}[@class='{what}']")
    return [float(one.get("width") or one.get("x1") or 0) for one in found]


def test_a_bar_is_as_long_as_its_ratio():
    half, whole = bars(picture_of([row("adds", 50), row("reads & more", 100)], {}), "rect", "ours")
    assert half * 2 == whole


def test_an_earlier_run_stands_across_its_bar():
    picture = picture_of([row("adds", 50), row("reads", 100)], {"adds": 0.5})
    assert bars(picture, "line", "earlier") == [250 + bars(picture, "rect", "ours")[0]]


def test_names_and_ratios_are_written():
    text = "".join(ElementTree.fromstring(picture_of([row("reads & more", 50)], {})).itertext())
    assert "reads & more" in text
    assert "0.500" in text
    assert "50 of 100 a second" in text
