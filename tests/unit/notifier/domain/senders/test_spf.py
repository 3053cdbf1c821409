"""What an SPF record is worth, by records as they are met."""

import pytest

from services.notifier.domain.senders.finding import Said
from services.notifier.domain.senders.spf import MOST_LOOKUPS, judged, wanted

D = "nordwind.shop"
GOOGLE = {
    "_spf.google.com": (
        "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com include:_netblocks3.google.com ~all",
    ),
    "_netblocks.google.com": ("v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ~all",),
    "_netblocks2.google.com": ("v=spf1 ip6:2001:4860:4000::/36 ip6:2404:6800:4000::/36 ~all",),
    "_netblocks3.google.com": ("v=spf1 ip4:172.217.0.0/19 ~all",),
}


def of(*texts: str, **others: Said) -> tuple[str, str]:
    found = judged(D, {D: texts} | GOOGLE | {name.replace("_", "."): said for name, said in others.items()})
    assert (found.what, found.name) == ("spf", D)
    return found.code, found.value


@pytest.mark.parametrize(
    ("record", "lookups"),
    [
        ("v=spf1 -all", 0),
        ("V=SPF1 -ALL", 0),
        ("v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all", 0),
        ("v=spf1 ip4:8.8.8.8 ip4:192.0.2.1/24 -all", 0),
        ("v=spf1 a mx -all", 2),
        ("v=spf1 a:mail.nordwind.shop/28 mx/24//64 ?exists:%{i}._spf.nordwind.shop -all", 3),
        ("v=spf1 include:_spf.google.com ~all", 4),
        ("v=spf1 +include:_spf.google.com include:_netblocks.google.com mx ptr -all", 7),
        ("v=spf1 redirect=_spf.google.com", 4),
        ("v=spf1 -all redirect=_spf.google.com a mx", 0),
        ("v=spf1 include:%{d}._spf.nordwind.shop exp=why.nordwind.shop -all", 1),
    ],
)
def test_a_record_that_counts_is_told_with_its_look_ups(record: str, lookups: int):
    assert of("google-site-verification=x", record, "v=spf10 -all") == ("spf_good", str(lookups))
    assert judged(D, {D: (record,)} | GOOGLE).record == record


def test_without_a_record_nobody_knows_who_may_send():
    assert of() == of("v=spf10 -all") == ("spf_missing", "")
    assert judged(D, {D: ()}).state == "bad"
    assert judged(D, {D: ()}, needed=False).code == "spf_unneeded"
    assert judged(D, {D: ("v=spf1 +all",)}, needed=False).code == "spf_open"


def test_of_several_records_none_counts():
    assert of("v=spf1 a -all", "v=spf1 include:_spf.google.com ~all") == ("spf_many", "2")


@pytest.mark.parametrize(
    ("record", "term"),
    [
        ("v=spf1 ipv4:192.0.2.1 -all", "ipv4:192.0.2.1"),
        ("v=spf1 ip4:192.0.2.256 -all", "ip4:192.0.2.256"),
        ("v=spf1 ip4:2001:db8::1 -all", "ip4:2001:db8::1"),
        ("v=spf1 ip6:192.0.2.1 -all", "ip6:192.0.2.1"),
        ("v=spf1 ip4 -all", "ip4"),
        ("v=spf1 include -all", "include"),
        ("v=spf1 include/24 -all", "include/24"),
        ("v=spf1 exists -all", "exists"),
        ("v=spf1 all: mx", "all:"),
        ("v=spf1 mxx -all", "mxx"),
        ("v=spf1 a, mx -all", "a,"),
        (f"v=spf1 {'x' * 300} -all", "x" * 100),
    ],
)
def test_a_term_that_nobody_knows_voids_the_record(record: str, term: str):
    assert of(record) == ("spf_broken", term)
    assert judged(D, {D: (record,)}).record == record


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("v=spf1 +all", "spf_open"),
        ("v=spf1 all", "spf_open"),
        ("v=spf1 a ?all", "spf_loose"),
        ("v=spf1 a", "spf_loose"),
        ("v=spf1", "spf_loose"),
        ("v=spf1 redirect=open.shop", "spf_open"),
        ("v=spf1 redirect=loose.shop", "spf_loose"),
        ("v=spf1 include:open.shop -all", "spf_good"),
    ],
)
def test_a_record_that_lets_others_send_says_little(record: str, code: str):
    others: dict[str, Said] = {"open.shop": ("v=spf1 +all",), "loose.shop": ("v=spf1 mx",)}
    found = judged(D, {D: (record,)} | others)
    assert (found.code, found.record) == (code, record)
    assert found.state == {"spf_open": "bad", "spf_loose": "warn", "spf_good": "good"}[code]


def test_ten_look_ups_count_and_eleven_do_not():
    ten = " ".join(f"a:host{n}.nordwind.shop" for n in range(6)) + " include:_spf.google.com"
    assert MOST_LOOKUPS == 10
    assert of(f"v=spf1 {ten} -all") == ("spf_good", "10")
    assert of(f"v=spf1 {ten} mx -all") == ("spf_lookups", "")
    assert of(f"v=spf1 a {ten} -all") == ("spf_lookups", ""), "the last ones are within what it includes"
    assert judged(D, {D: (f"v=spf1 {ten} mx -all",)} | GOOGLE).record.startswith("v=spf1 a:host0")


def test_domains_that_include_each_other_never_end():
    assert of("v=spf1 include:other.shop -all", other_shop=(f"v=spf1 include:{D} -all",)) == ("spf_lookups", "")
    assert judged(D, {D: (f"v=spf1 redirect={D}",)}).code == "spf_lookups"


@pytest.mark.parametrize("said", [(), ("nothing",), ("v=spf1 -all", "v=spf1 ~all")])
def test_what_it_includes_has_to_be_there(said: Said):
    record = "v=spf1 mx include:other.shop -all"
    assert of(record, other_shop=said) == ("spf_include", "other.shop")
    assert judged(D, {D: (record,), "other.shop": said}).record == record
    assert of("v=spf1 redirect=other.shop", other_shop=said) == ("spf_include", "other.shop")


def test_what_nobody_could_say_is_not_known_and_never_bad():
    assert judged(D, {}).code == judged(D, {D: None}).code == "spf_unknown"
    found = judged(D, {D: ("v=spf1 include:other.shop mx -all",), "other.shop": None})
    assert (found.code, found.state) == ("spf_unknown", "unknown")
    deeper = {D: ("v=spf1 include:a.shop -all",), "a.shop": ("v=spf1 include:b.shop -all",)}
    assert judged(D, deeper).code == "spf_unknown"
    assert judged(D, {D: ("v=spf1 include:other.shop +all",)}).code == "spf_open", "that is known"
    many = "v=spf1 include:other.shop " + " ".join(f"a:h{n}" for n in range(10)) + " -all"
    assert judged(D, {D: (many,)}).code == "spf_lookups", "so is that"


def test_it_is_asked_for_all_that_it_leads_to_and_for_nothing_twice():
    records: dict[str, Said] = {}
    assert wanted(D, records) == {D}
    records[D] = ("v=spf1 INCLUDE:_SPF.Google.com a:x.shop exists:y.shop include:%{i}.shop redirect=z.shop mx",)
    assert wanted(D, records) == {"_spf.google.com", "z.shop"}
    records["z.shop"] = None
    records |= {"_spf.google.com": GOOGLE["_spf.google.com"]}
    assert wanted(D, records) == {f"_netblocks{n}.google.com" for n in ("", "2", "3")}
    assert wanted(D, records | GOOGLE) == set()
    loop: dict[str, Said] = {D: (f"v=spf1 include:{D} -all",)}
    assert wanted(D, loop) == set()


def test_it_is_not_asked_for_more_than_may_count():
    many: dict[str, Said] = {D: ("v=spf1 " + " ".join(f"include:i{n}.shop" for n in range(40)) + " -all",)}
    assert wanted(D, many) == {f"i{n}.shop" for n in range(MOST_LOOKUPS)}
    assert judged(D, many | {f"i{n}.shop": ("v=spf1 -all",) for n in range(MOST_LOOKUPS)}).code == "spf_lookups"
