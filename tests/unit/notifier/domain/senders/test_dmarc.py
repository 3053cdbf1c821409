"""What a DMARC record says, whose it is, and whether messages pass."""

import pytest

from services.notifier.domain.senders.dmarc import Policy, alignment, judged, wanted
from services.notifier.domain.senders.finding import CODES, Finding, Said, tags

D = "nordwind.shop"
REJECT = "v=DMARC1; p=reject; rua=mailto:d@nordwind.shop"


def of(domain: str = D, **said: Said) -> Policy:
    """`own` is said at the domain, `above` one level higher."""
    above = domain.partition(".")[2]
    names = {"own": f"_dmarc.{domain}", "above": f"_dmarc.{above}"}
    return judged(domain, {names[name]: texts for name, texts in said.items()})


@pytest.mark.parametrize(
    ("texts", "code", "value"),
    [
        ((REJECT,), "dmarc_good", "reject"),
        (("v=DMARC1;p=QUARANTINE",), "dmarc_good", "quarantine"),
        (("v=DMARC1; p=none",), "dmarc_watching", "none"),
        (("v=DMARC1; p=block",), "dmarc_broken", ""),
        (("v=DMARC1; rua=mailto:d@nordwind.shop",), "dmarc_broken", ""),
        ((REJECT, "v=DMARC1; p=none"), "dmarc_many", "2"),
        (("v=spf1 -all", REJECT), "dmarc_good", "reject"),
        (("v=spf1 -all",), "dmarc_missing", ""),
        ((), "dmarc_missing", ""),
        (None, "dmarc_unknown", ""),
    ],
)
def test_a_policy_is_told_by_its_record(texts: Said, code: str, value: str):
    found = of(own=texts).finding
    assert (found.what, found.name, found.code, found.value) == ("dmarc", D, code, value)
    counts = code in ("dmarc_good", "dmarc_watching", "dmarc_broken")
    assert found.record == (next(t for t in texts or () if "DMARC1" in t) if counts else "")


def test_the_policy_above_counts_where_there_is_none_of_its_own():
    mail = "mail.nordwind.shop"
    assert wanted(mail) == ["_dmarc.mail.nordwind.shop", "_dmarc.nordwind.shop"]
    assert wanted(D) == ["_dmarc.nordwind.shop"]
    assert wanted("a.b.nordwind.shop")[-1] == "_dmarc.nordwind.shop"
    assert wanted("shop") == ["_dmarc.shop"]
    inherited = of(mail, own=(), above=(REJECT,))
    assert (inherited.finding.value, inherited.family) == ("reject", D)
    assert of(mail, own=(), above=("v=DMARC1; p=reject; sp=None",)).finding.value == "none"
    assert of(D, own=("v=DMARC1; p=reject; sp=none",)).finding.value == "reject", "sp is of those below"
    own = of(mail, own=("v=DMARC1; p=none",), above=(REJECT,))
    assert (own.finding.value, own.family) == ("none", D), "whose it is is said by the highest"
    assert of(mail, own=None, above=(REJECT,)).finding.code == "dmarc_unknown"
    assert of(mail, own=(), above=None).finding.code == "dmarc_unknown"
    alone = of(mail, own=(REJECT,), above=None)
    assert (alone.finding.value, alone.family) == ("reject", mail)


def test_a_level_between_that_nobody_could_say_hides_none_above_it():
    names = ("eu.mail.nordwind.shop", "mail.nordwind.shop", D)
    texts: tuple[Said, ...] = ((REJECT,), None, ("v=DMARC1; p=none",))
    found = judged(names[0], {f"_dmarc.{name}": said for name, said in zip(names, texts, strict=True)})
    assert (found.finding.value, found.family) == ("reject", D)


def test_what_counts_is_known_as_strict_or_not():
    assert [of(own=(f"{REJECT}{more}",)).strict for more in ("", "; aspf=r", "; aspf=S")] == [False, False, True]
    broken = of(own=("v=DMARC1; p=x; aspf=s",))
    assert (broken.family, broken.strict) == (D, True)
    assert of(own=()).family == ""


SPF, KEY = Finding("spf", D, "spf_good"), Finding("dkim", D, "dkim_good")
UNSAID = Finding("dkim", D, "dkim_unsaid")
RELAXED, STRICT = Policy(KEY, D), Policy(KEY, D, strict=True)


def named(what: str, code: str) -> Finding:
    return Finding(what, D, code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("returns_to", "policy", "spf", "key", "found"),
    [
        (D, RELAXED, SPF, UNSAID, "aligned_by_envelope"),
        (D, STRICT, SPF, UNSAID, "aligned_by_envelope"),
        (f"bounces.{D}", RELAXED, SPF, UNSAID, "aligned_by_envelope"),
        (f"bounces.{D}", STRICT, SPF, UNSAID, None),
        (D, RELAXED, named("spf", "spf_loose"), UNSAID, "aligned_by_envelope"),
        (D, RELAXED, named("spf", "spf_many"), UNSAID, None),
        ("relay.shop", RELAXED, SPF, KEY, "aligned_by_key"),
        ("relay.shop", RELAXED, SPF, named("dkim", "dkim_weak"), "aligned_by_key"),
        ("relay.shop", RELAXED, SPF, UNSAID, None),
        ("relay.shop", RELAXED, SPF, named("dkim", "dkim_missing"), "not_aligned"),
        (f"not-{D}", RELAXED, SPF, named("dkim", "dkim_missing"), "not_aligned"),
        ("", RELAXED, SPF, named("dkim", "dkim_missing"), "not_aligned"),
        (D, RELAXED, named("spf", "spf_missing"), named("dkim", "dkim_revoked"), "not_aligned"),
        (f"bounces.{D}", STRICT, SPF, named("dkim", "dkim_missing"), "not_aligned"),
        (D, RELAXED, named("spf", "spf_unknown"), KEY, None),
        (D, RELAXED, SPF, named("dkim", "dkim_unknown"), None),
        (D, Policy(KEY), SPF, KEY, None),
    ],
)
def test_messages_pass_by_a_signature_or_an_envelope_of_ones_own(
    returns_to: str, policy: Policy, spf: Finding, key: Finding, found: str | None
):
    told = alignment(D, returns_to, policy, spf, [key])
    assert (told and told.code) == found
    assert told is None or (told.what, told.name) == ("alignment", D)


def test_one_good_key_of_several_is_enough():
    keys = [named("dkim", "dkim_missing"), KEY]
    told = alignment(D, "", RELAXED, SPF, keys)
    assert told is not None
    assert told.code == "aligned_by_key"


def test_tags_are_read_as_the_standard_writes_them():
    assert tags("v=DMARC1 ; P = none;;x;p=reject; a=b=c") == {"v": "DMARC1", "p": "none", "a": "b=c"}


@pytest.mark.parametrize("code", CODES)
def test_each_finding_is_a_sentence_that_is_good_bad_or_neither(code: str):
    found = Finding("spf", "<name>", code, "<value>")
    assert found.state in ("good", "warn", "bad", "unknown")
    assert found.state == CODES[code][0]
    assert found.detail.endswith(".")
    assert "{" not in found.detail
    assert "<name>" in found.detail
