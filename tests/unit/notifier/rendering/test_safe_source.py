"""What a template that comes by the API may do."""

import pytest

from services.notifier.rendering.safe_source import unsafe
from services.notifier.rendering.templates import SHIPPED

OURS = {"_action.mjml"}  # marks the code, for which it needs `safe`
WHOLE = sorted(file for file in SHIPPED.glob("*.*") if file.name not in OURS)


@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
def test_what_ships_does_no_more(file):
    assert unsafe(file.read_text(encoding="utf-8")) == []


def test_a_fault_is_told_where_it_stands():
    assert unsafe("{{ a }}\n{{ a() }}") == [(2, "call is not allowed here")]
    assert unsafe("{{ a|pprint }}") == [(1, "there is no filter pprint here")]
    assert unsafe("x\n{% if %}") == [(2, "can't be read: Expected an expression, got 'end of statement block'")]
    nested = "{% for a in rows %}\n{% for b in rows %}{% endfor %}{% endfor %}"
    assert unsafe(nested) == [(2, "a loop goes over the lines of the message, and holds no other")]
    assert unsafe("{% for a in rows %}{% endfor %}{% for a in rows %}{{ a.title ~ 'x' }}{% endfor %}") == []
    assert unsafe("{% for a in a.b %}{% endfor %}") != []
    assert unsafe("{% for a in rows recursive %}{{ loop(a) }}{% endfor %}") != []
