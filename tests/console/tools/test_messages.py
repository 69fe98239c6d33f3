"""The catalog of translations: complete, current and consistent."""

from __future__ import annotations

import re

from babel.messages.extract import extract
from django.utils.functional import Promise

from accounts.exceptions import Refused
from console.tools import messages

from ...chinese import HAN


def catalog():
    return messages.translation()


def ids(texts):
    return {(m.context, m.id) for m in texts if m.id}


def pairs():
    """Every text with its translation; of a plural its last form with the only one."""
    for message in catalog():
        if message.id and message.pluralizable:
            yield message.id[1], message.string[0]
        elif message.id:
            yield message.id, message.string


def test_every_text_is_in_the_catalog_and_nothing_else():
    assert ids(catalog()) == ids(messages.texts()), "run `make messages`"
    assert not catalog().obsolete


def test_every_text_is_translated():
    assert not [text for text, translation in pairs() if not translation]
    assert not [message.id for message in catalog() if message.fuzzy]


def test_the_catalog_is_as_make_messages_leaves_it():
    updated = catalog()
    updated.update(messages.texts(), no_fuzzy_matching=True)

    assert messages.PO.read_bytes() == messages.as_po(updated)
    assert messages.MO.read_bytes() == messages.as_mo(catalog())


def test_placeholders_and_tags_survive_translation():
    parts = re.compile(r"%\(\w+\)[sd]|%%|<[^>]*>")

    assert not [t for t, zh in pairs() if sorted(parts.findall(t)) != sorted(parts.findall(zh))]


def test_chinese_is_set_as_chinese():
    """Full-width punctuation, a space between the scripts, and one way to address the reader."""
    ascii_mark = re.compile(rf"{HAN.pattern}[,.;:!?()]|[,;!?()]{HAN.pattern}")
    touching = re.compile(rf"{HAN.pattern}[A-Za-z0-9]|[A-Za-z0-9]{HAN.pattern}")

    for text, translation in pairs():
        said = re.sub(r"<[^>]*>", "", translation)
        assert not ascii_mark.search(said), text
        assert not touching.search(re.sub(r"%\(\w+\)[sd]", "", said)), text
        assert "你" not in said, text


def test_a_template_is_searched_for_all_ways_to_write_a_text(tmp_path):
    template = tmp_path / "page.html"
    template.write_text(
        '{% load i18n %}\n  <p title="{% translate "a title" %}">\n'
        "{% blocktranslate count n=x %}one{% plural %}{{ n }} many{% endblocktranslate %}\n"
        '{{ _("by filter") }} {% include "x" with y=_("argument") %}</p>\n'
    )
    code = messages.python(template)

    found = [text for _, text, _, _ in extract("python", code, messages.KEYWORDS)]

    assert found == ["a title", ("one", "%(n)s many"), "by filter", "argument"]


def refusals(kind=Refused):
    for refusal in kind.__subclasses__():
        yield refusal
        yield from refusals(refusal)


# Refusals that only the API knows: its messages are BCC's own
OF_THE_API = ("accounts.idempotency", "accounts.signing", "console.api", "tests.")


def test_every_refusal_is_said_in_the_language_of_its_reader():
    ours = {each for each in refusals() if not each.__module__.startswith(OF_THE_API)}

    assert len(ours) > 30
    assert not [r for r in ours if not isinstance(getattr(r, "sentence", None), Promise)]
