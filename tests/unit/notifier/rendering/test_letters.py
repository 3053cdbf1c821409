"""The e-mail: what stands in it, in every language, and what nobody can smuggle into it."""
# ruff: noqa: RUF001 - Cyrillic is meant

import re

import pytest
from babel import Locale

from services.notifier.rendering.money import money
from services.notifier.rendering.phrases import MissingVariableError
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.rendering.templates import BrokenTemplateError, Templates, UnknownTemplateError
from services.notifier.rendering.text import shortened
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import THREE, contact, line, low_stock, reminder, snapshot, store, three_low
from tests.unit.notifier.reading import UNSUBSCRIBE, body, letter, read, sent


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "template",
    ["abandoned_cart", "abandoned_cart_1", "abandoned_cart_2", "abandoned_cart_3", "abandoned_checkout", "low_stock"],
)
def test_every_template_renders_in_every_language(language, template):
    made = low_stock(channel="email") if template == "low_stock" else reminder(template=template, coupon="SAVE5")
    message = sent(letter(made, contact(locale=language)))
    assert message["Content-Language"] == language
    assert "{" not in message["Subject"]
    html, text = body(message, "html"), body(message, "plain")
    assert f'lang="{language}"' in html
    for content in (text, re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)):
        assert "{" not in content
        assert "Stoneware mug" in content
        assert "https://shop.example/r/r1_token" in content
        assert UNSUBSCRIBE in content
        assert ("SAVE5" in content) == (template != "low_stock")


@pytest.mark.parametrize(
    ("locale", "total"),
    [
        ("en", "€49.00"),
        ("de", "49,00\xa0€"),
        ("de-AT", "€\xa049,00"),
        ("pl", "49,00\xa0€"),
        *((language, "49,00\xa0€") for language in ("cs", "es", "fr", "it", "ru", "sr")),
        ("uk", "49,00\xa0EUR"),
    ],
)
def test_money_is_written_as_the_customer_writes_it(locale, total):
    assert total in body(sent(letter(who=contact(locale=locale))), "plain")


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [(1234, "JPY", "¥1,234"), (1234, "KWD", "KWD1.234"), (5, "USD", "$0.05"), (7, None, "")],
)
def test_minor_units_are_the_currency_s(minor, currency, written):
    assert money(minor, currency, Locale.parse("en")) == written


def test_it_can_be_read_by_those_who_listen():
    reader = read(letter(seen=snapshot(line(image_url="https://shop.example/mug.jpg"))).html)
    assert [p["alt"] for p in reader.pictures] == ["Stoneware mug"]
    assert all(table.get("role") == "presentation" for table in reader.tables)


def test_it_asks_no_server_for_fonts_or_styles():
    html = letter().html
    assert "link" not in read(html).tags
    assert "@import" not in html


def test_markup_in_a_title_or_a_name_is_text():
    evil = "<script>alert(1)</script><img src=x onerror=y>"
    html = letter(who=contact(name=evil), seen=snapshot(line(title=evil, options={evil: evil}))).html
    assert not {"script"} & read(html).tags
    assert read(html).pictures == []
    assert "&lt;script&gt;" in html


def test_template_language_in_a_title_is_text():
    made = letter(seen=snapshot(line(title="{{ 7 * 7 }}{% raw %}{store}")))
    assert "{{ 7 * 7 }}" in made.text
    assert "49 " not in made.subject


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://x/y", "//x/y", "https://", "https://x y", "https://[x"]
)
def test_only_the_web_can_be_linked_to(url):
    reader = read(letter(seen=snapshot(line(url=url, image_url=url))).html)
    assert url not in reader.links
    assert reader.pictures == []


def test_links_and_pictures_that_do_not_lead_to_the_store_are_left_out():
    """Story: a guest cart under Anna's address had the shop send her a picture that counts, and a false log-in."""
    shop = store(hosts=("shop.example",))
    evil = line("mug", title="Mug", url="https://evil.example/log-in", image_url="https://evil.example/pixel.png")
    own = line("jug", title="Jug", url="https://www.shop.example/jug", image_url="https://shop.example/jug.png")
    made = letter(seen=snapshot(evil, own), shop=shop)
    reader = read(made.html)
    assert "evil.example" not in made.html + made.text
    assert "https://www.shop.example/jug" in reader.links
    assert [picture["src"] for picture in reader.pictures] == ["https://shop.example/jug.png"]
    assert "Mug" in made.html


def test_links_to_the_store_carry_its_utm_parameters_and_those_of_ours_do_not():
    shop = store(hosts=("shop.example",), utm={"source": "nordwind", "medium": "{channel}", "content": "{template}"})
    jug = line("jug", url="https://www.shop.example/jug#size", image_url="https://shop.example/jug.png")
    tagged = line("mug", url="https://shop.example/mug?utm_source=own")
    made = letter(reminder(template="abandoned_cart_1"), seen=snapshot(jug, tagged), shop=shop)
    ours = "utm_source=nordwind&utm_medium=email&utm_content=abandoned_cart_1"
    links = read(made.html).links
    assert f"https://www.shop.example/jug?{ours}#size" in links
    assert "https://shop.example/mug?utm_source=own" in links
    assert f"https://shop.example/r/r1_token?{ours}" in links
    assert f"https://shop.example/r/r1_token?{ours}" in made.text
    assert UNSUBSCRIBE in links
    assert [picture["src"] for picture in read(made.html).pictures] == ["https://shop.example/jug.png"]


def test_where_a_cart_service_of_before_does_not_tell_the_store_s_hosts_the_web_may_be_linked_to():
    lamp = line(url="https://elsewhere.example/mug", image_url="https://elsewhere.example/mug.png")
    reader = read(letter(seen=snapshot(lamp), shop=store(hosts=None)).html)
    assert "https://elsewhere.example/mug" in reader.links
    assert len(reader.pictures) == 1


def test_a_quote_in_an_address_does_not_leave_its_attribute():
    reader = read(letter(seen=snapshot(line(url='https://x.example/"onclick="y'))).html)
    assert 'https://x.example/"onclick="y' in reader.links


def test_many_lines_are_summed_up():
    many = snapshot(*(line(f"sku{n}", title=f"Thing {n}") for n in range(20)))
    made = letter(seen=many)
    assert "Thing 4" in made.text
    assert "Thing 5" not in made.text
    assert "and 15 more items" in made.text
    assert "40 items are waiting in your cart" in made.subject


def test_the_item_that_is_nearly_gone_comes_first():
    made = letter(low_stock(channel="email"), seen=snapshot(line("jug", title="Jug"), line()))
    assert made.subject == "Only 3 left: Stoneware mug"
    assert made.text.index("Stoneware mug") < made.text.index("- Jug")


def test_all_items_that_run_low_are_named_each_with_its_units_and_before_the_others():
    """Story: of three items that ran low within a second the letter named one, and Anna lost the other two."""
    made = letter(low_stock(channel="email", also_low=THREE), seen=three_low())
    assert made.subject == "Almost sold out: Stoneware mug and 2 more items"
    assert "Several items in your cart at Nordwind are nearly gone" in made.text
    rows = [text for text in made.text.splitlines() if text.startswith("- ")]
    assert rows == ["- Stoneware mug: Only 3 left", "- Jug: Only 1 left", "- Pot: Only 2 left", "- Lid"]
    assert made.html.count("left</span>") == 3
    assert "*" not in made.text


def test_one_item_that_still_runs_low_of_three_is_told_of_alone():
    made = letter(low_stock(channel="email", also_low=THREE), seen=three_low(mug=0, pot=9))
    assert made.subject == "Only 1 left: Jug"
    assert "* Only 1 left *" in made.text
    assert made.html.count("left</span>") == 1


@pytest.mark.parametrize(
    ("language", "subject", "row"),
    [
        ("de", "Fast ausverkauft: Stoneware mug und 2 weitere Artikel", "- Jug: Nur noch 1 Stück"),
        ("pl", "Prawie wyprzedane: Stoneware mug i jeszcze 2 produkty", "- Jug: Tylko 1 sztuka"),
        ("ru", "Почти распродано: Stoneware mug и ещё 2 товара", "- Jug: Осталась 1 штука"),
        ("sr", "Скоро распродато: Stoneware mug и још 2 производа", "- Jug: Још само 1 комад"),
        ("sr-Latn", "Skoro rasprodato: Stoneware mug i još 2 proizvoda", "- Jug: Još samo 1 komad"),
        ("fr", "Bientôt épuisés : Stoneware mug et 2 autres articles", "- Jug: Plus que 1 exemplaire"),
        ("es", "Casi agotados: Stoneware mug y 2 artículos más", "- Jug: Solo queda 1 unidad"),
        ("it", "Quasi esauriti: Stoneware mug e altri 2 articoli", "- Jug: Resta solo 1 pezzo"),
        ("cs", "Téměř vyprodáno: Stoneware mug a ještě 2 produkty", "- Jug: Zbývá 1 kus"),
        ("uk", "Майже розпродано: Stoneware mug і ще 2 товари", "- Jug: Залишилася 1 штука"),
    ],
)
def test_several_items_are_counted_as_the_language_counts(language, subject, row):
    made = letter(low_stock(channel="email", also_low=THREE), contact(locale=language), three_low())
    assert made.subject == subject
    assert row in made.text


def test_a_store_whose_own_template_has_no_words_for_several_items_names_the_first(tmp_path):
    (tmp_path / "wording").mkdir()
    said = {"subject": "Hurry: {title}", "preheader": "", "heading": "Hurry", "body": "{n} left", "button": "Go"}
    own = "\n".join(["[scarce]", *(f'{part} = "{words}"' for part, words in said.items())])
    (tmp_path / "wording" / "en.toml").write_text(own)
    scarce = low_stock(channel="email", template="scarce", also_low=THREE)
    made = letter(scarce, seen=three_low(), templates=Templates(tmp_path))
    assert made.subject == "Hurry: Stoneware mug"
    assert "- Jug: Only 1 left" in made.text


def test_the_last_reminder_is_called_so_only_where_the_campaign_says_so():
    assert "last" not in letter(reminder(template="abandoned_cart", step=3)).text.lower()
    assert "last reminder" in letter(reminder(template="abandoned_cart_3", step=3)).text


@pytest.mark.parametrize("template", ["nothing", "common", "sms", "page", "language", "../secret", "_foot", "email"])
def test_a_template_that_does_not_exist_is_named_so(template):
    with pytest.raises(UnknownTemplateError):
        letter(reminder(template=template))


def test_a_store_s_words_that_name_what_is_not_known_of_a_message_are_not_sent(tmp_path):
    """Story: a shop's mail began "Your code: ." because the campaign had none that week."""
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording/en.toml").write_text('[abandoned_cart_1]\nbody = "Your code: {coupon}."\n')
    own = Templates(tmp_path)
    assert "Your code: SAVE5." in letter(reminder(coupon="SAVE5"), templates=own).text
    with pytest.raises(MissingVariableError, match=r"abandoned_cart_1\.body: \{coupon\}"):
        letter(templates=own)


@pytest.mark.parametrize("file", ["abandoned_cart_1.mjml", "abandoned_cart_1.txt.jinja"])
def test_a_store_s_looks_that_name_what_nobody_knows_are_not_sent(tmp_path, file):
    column = "<mj-column><mj-text>{{ savngs }}</mj-text></mj-column>"
    (tmp_path / file).write_text(f"<mjml><mj-body><mj-section>{column}</mj-section></mj-body></mjml>")
    with pytest.raises(MissingVariableError, match=f"{file}: 'savngs' is undefined"):
        letter(templates=Templates(tmp_path))


def test_a_store_s_template_can_t_leave_the_sandbox(tmp_path):
    (tmp_path / "abandoned_cart.mjml").write_text(
        "<mjml><mj-body><mj-section><mj-column><mj-text>{{ store.__class__.__mro__[1].__subclasses__() }}"
        "</mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    with pytest.raises(BrokenTemplateError):
        letter(templates=Templates(tmp_path))


def test_broken_words_are_found_at_the_start(tmp_path):
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording/en.toml").write_text('heading = "unclosed')
    with pytest.raises(BrokenTemplateError, match=r"en\.toml"):
        Templates(tmp_path)


def test_one_store_s_broken_templates_do_not_stop_the_others(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/low_stock.mjml").write_text("<mjml")
    templates = StoreTemplates(tmp_path)
    broken = store(templates="broken")
    for _ in range(2):
        with pytest.raises(BrokenTemplateError, match=r"low_stock\.mjml"):
            templates.of(broken)
    assert templates.or_shipped(broken) is templates.of(store())


def test_a_store_s_templates_are_read_when_they_are_needed_and_again_when_a_file_has_changed(tmp_path):
    templates, own = StoreTemplates(tmp_path), store(templates="own")
    with pytest.raises(BrokenTemplateError, match="no folder own"):
        templates.of(own)
    (tmp_path / "own/wording").mkdir(parents=True)
    (tmp_path / "own/wording/en.toml").write_text('[abandoned_cart_1]\nheading = "Ahoy"\n')
    first = templates.of(own)
    assert templates.of(own) is first
    assert "Ahoy" in letter(templates=first).text
    (tmp_path / "own/wording/en.toml").write_text('[abandoned_cart_1]\nheading = "Ahoy, matey"\n')
    assert "Ahoy, matey" in letter(templates=templates.of(own)).text


def test_a_broken_layout_is_found_at_the_start(tmp_path):
    (tmp_path / "abandoned_cart.mjml").write_text("<mjml><mj-body>{% if %}")
    with pytest.raises(BrokenTemplateError):
        Templates(tmp_path).check()


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("short", 10, "short"),
        ("a long title of a mug", 12, "a long…"),
        ("unbreakable", 6, "unbre…"),
        ("two\nlines", 20, "two lines"),
    ],
)
def test_long_titles_are_cut_at_a_word(text, most, short):
    assert shortened(text, most) == short


SOLD_OUT = {"mug": 3, "jug": 0, "cup": None}


def test_goods_that_are_sold_out_are_not_advertised():
    seen = snapshot(line("jug", title="Jug"), line(), line("cup", title="Cup", total=4900), inventory=SOLD_OUT)
    made = letter(seen=seen)
    assert "Jug" not in made.text + made.html
    assert made.subject == "4 items are waiting in your cart"
    assert "Total: €98.00" in made.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_low_stock_letter_names_its_item_in_heading_and_body(language):
    seen = snapshot(line("jug", title="Jug"), line(title="Stoneware mug"))
    html = letter(low_stock(channel="email"), contact(locale=language), seen).html
    heading, _, rest = html.partition('class="heading"')[2].partition("</div>")
    assert "Stoneware mug" in heading
    assert "Stoneware mug" in rest.partition("<table role")[0]


@pytest.mark.parametrize("title", [" ", "\n"])
def test_goods_with_a_blank_title_are_called_by_their_sku(title):
    made = letter(low_stock(channel="email"), seen=snapshot(line("mug", title=title)))
    assert made.subject == "Only 3 left: mug"
    assert "- mug\n" in made.text


@pytest.mark.parametrize("title", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🔬 set"])
def test_joiners_of_words_and_signs_survive(title):
    made = letter(seen=snapshot(line(title=title)))
    assert title in made.text
    assert title in made.html


def test_the_preheader_is_not_followed_by_the_letter_s_first_lines():
    html = letter().html
    hidden = html[: html.index("Your cart is waiting")]
    assert hidden.count("\u034f\u200c") > 50


@pytest.mark.parametrize(
    ("accent", "on_accent"), [("#1f2937", "#ffffff"), ("#ffd400", "#111827"), ("#c2185b", "#ffffff")]
)
def test_dark_mode_keeps_the_store_s_accent_and_its_button_can_be_read(accent, on_accent):
    html = letter(shop=store(accent=accent)).html
    dark = html[html.index("prefers-color-scheme: dark") :]
    assert f".cta a {{ background: {accent} !important; }}" in dark
    assert f".cta a {{ color: {on_accent} !important;" in dark


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_promises_that_goods_are_held(language):
    words = letter(who=contact(locale=language)).text
    for promise in ("kept them", "aufgehoben", "odłożone", "отложили", "Сачували", "Sačuvali", "as you left it"):
        assert promise not in words


def test_words_that_read_wrongly_are_gone():
    german = letter(who=contact(locale="de")).text
    assert "Versand" not in german
    assert "вы снова в корзине" not in letter(reminder(template="abandoned_cart_2"), contact(locale="ru")).html
    for name in ("Anna", None):
        assert "Dzień dobry" not in letter(who=contact(locale="pl", name=name)).text
