"""Lists of names in each language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from accounts.wording import listed


@pytest.mark.parametrize(
    ("language", "names", "text"),
    [
        ("en", "ab", "a, b"),
        ("zh-hans", "ab", "a、b"),
        ("en", "abcde", "a, b, c and 2 more"),
        ("zh-hans", "abcde", "a、b、c 及另外 2 个"),
    ],
)
def test_a_list_of_names(language, names, text):
    with override(language):
        assert listed(list(names)) == text
