"""Lists of names in each language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from accounts.wording import join_names


@pytest.mark.parametrize(
    ("language", "names", "text"),
    [
        ("en", "ab", "a, b"),
        ("zh-hans", "ab", "a、b"),
        ("en", "abcde", "a, b, c and 2 more"),
        ("zh-hans", "abcde", "a、b、c 及另外 2 个"),
    ],
)
def test_names_are_joined_in_each_language(language, names, text):
    with override(language):
        assert join_names(list(names)) == text
