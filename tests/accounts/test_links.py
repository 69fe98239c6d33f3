"""The URLs of views."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch

from accounts.links import url_for


def test_a_view_has_an_address():
    assert url_for("images:detail", "bj", "m-12345678") == "/bj/images/m-12345678/"
    assert url_for("images:detail", "gz", "m-12345678") == "/gz/images/m-12345678/"


def test_an_id_of_another_form_has_none():
    for _attempt in range(2):
        with pytest.raises(NoReverseMatch):
            url_for("images:detail", "bj", "../accounts")
