"""The catalog of translations: complete, current and consistent."""

from __future__ import annotations

import re

from django.utils.functional import Promise

from accounts.exceptions import Refused
from console.tools import messages

from ...chinese import HAN


def catalog():
    return messages.read_translation()


def ids(texts):
    return {(m.context, m.id) for m in texts if m.id}


def pairs():
    """Yield every text, or its plural form, with its translation."""
    for message in catalog():
        if message.id and message.pluralizable:
            yield message.id[1], message.string[0]
        elif message.id:
            yield message.id, message.string


def test_the_catalog_has_exactly_the_texts_of_the_source():
    assert ids(catalog()) == ids(messages.collect_texts()), "run `make messages`"
    assert not catalog().obsolete


def test_every_text_is_translated():
    assert not [text for text, translation in pairs() if not translation]
    assert not [message.id for message in catalog() if message.fuzzy]


def test_the_catalog_is_what_make_messages_writes():
    updated = catalog()
    updated.update(messages.collect_texts(), no_fuzzy_matching=True)

    assert messages.PO.read_bytes() == messages.format_po(updated)
    assert messages.MO.read_bytes() == messages.format_mo(catalog())


def test_translations_keep_placeholders_and_tags():
    parts = re.compile(r"%\(\w+\)[sd]|%%|<[^>]*>")

    assert not [t for t, zh in pairs() if sorted(parts.findall(t)) != sorted(parts.findall(zh))]


def test_chinese_follows_its_typography():
    """Full-width punctuation, a space between scripts, and one form of address."""
    ascii_mark = re.compile(rf"{HAN.pattern}[,.;:!?()]|[,;!?()]{HAN.pattern}")
    touching = re.compile(rf"{HAN.pattern}[A-Za-z0-9]|[A-Za-z0-9]{HAN.pattern}")

    for text, translation in pairs():
        visible = re.sub(r"<[^>]*>", "", translation)
        assert not ascii_mark.search(visible), text
        assert not touching.search(re.sub(r"%\(\w+\)[sd]", "", visible)), text
        assert "你" not in visible, text


def test_every_way_to_write_a_text_in_a_template_is_found(tmp_path):
    template = tmp_path / "page.html"
    template.write_text(
        '<p title="{{ _("a title") }}">\n'
        "{% trans trimmed n=x %}\n one {% pluralize n %} {{ n }} many{% endtrans %}\n"
        '{% set two = ngettext("two", "%(n)s twos", 2, n=2) %}'
        '{% with y=_("argument") %}{% endwith %}'
    )

    found = [text for _, text, _, _ in messages.extract_texts(template)]

    assert found == ["a title", ("one", "%(n)s many"), ("two", "%(n)s twos"), "argument"]


def test_every_way_to_write_a_text_in_the_administration_is_found(tmp_path):
    template = tmp_path / "admin" / "page.html"
    template.parent.mkdir()
    template.write_text(
        '{% load i18n %}\n  <p title="{% translate "a title" %}">\n'
        "{% blocktranslate count n=x %}one{% plural %}{{ n }} many{% endblocktranslate %}\n"
        '{{ _("by filter") }} {% include "x" with y=_("argument") %}</p>\n'
    )

    found = [text for _, text, _, _ in messages.extract_texts(template)]

    assert found == ["a title", ("one", "%(n)s many"), "by filter", "argument"]


def refusals(kind=Refused):
    for refusal in kind.__subclasses__():
        yield refusal
        yield from refusals(refusal)


# Only the API raises these. Its messages are BCC's own.
OF_THE_API = ("accounts.idempotency", "accounts.signing", "console.api", "tests.")


def test_every_refusal_has_a_translatable_sentence():
    of_pages = {each for each in refusals() if not each.__module__.startswith(OF_THE_API)}

    assert len(of_pages) > 30
    assert not [r for r in of_pages if not isinstance(getattr(r, "sentence", None), Promise)]
