"""What templates can call."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from django.http import QueryDict
from django.template import engines
from django.utils import timezone
from django.utils.translation import override

from console.components import as_cells, moment

WHEN = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "text", "title"),
    [
        ("en", "UTC", "Nov 3, 2026, 09:05 UTC", "2026-11-03 09:05:00 UTC"),
        ("zh-hans", "UTC", "2026年11月3日 09:05 UTC", "2026-11-03 09:05:00 UTC"),
        (
            "en",
            "Asia/Shanghai",
            "Nov 3, 2026, 17:05",
            "Asia/Shanghai (UTC+8) · 2026-11-03 09:05:00 UTC",
        ),
    ],
)
def test_a_moment_is_a_time_element_with_its_zone(language, zone, text, title):
    with override(language), timezone.override(zone):
        html = moment(WHEN)

    assert html == f'<time datetime="2026-11-03T09:05:00Z" title="{title}">{text}</time>'


def test_texts_become_cells_and_are_escaped():
    assert as_cells(["<b>", "", "<b>"]) == "<td>&lt;b&gt;</td><td></td><td>&lt;b&gt;</td>"


@pytest.mark.parametrize(
    ("query", "address"),
    [("", ""), ("q=a", "?"), ("os=a%26b&q=a", "?os=a%26b"), ("q=a&page=2&os=b", "?page=2&os=b")],
)
def test_an_address_has_a_question_mark_only_to_leave_a_query(query, address):
    template = engines["templates"].from_string("{{ querystring(query, q=None) }}")

    assert unescape(template.render({"query": QueryDict(query)})) == address
