"""Template tags that show times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from console.templatetags.ui import moment

WHEN = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Nov 3, 2026, 09:05<span> UTC</span>"),
        ("zh-hans", "2026年11月3日 09:05<span> UTC</span>"),
    ],
)
def test_a_moment_is_a_time_element_with_its_zone(language, text):
    with override(language):
        assert moment(WHEN) == f'<time datetime="2026-11-03T09:05:00Z">{text}</time>'
