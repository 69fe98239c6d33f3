"""Questions of management commands."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError

from accounts.management.asking import require_yes


def test_yes_continues(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))

    require_yes("Delete it?", is_given=False)


def test_nothing_is_asked_with_the_option(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    require_yes("Delete it?", is_given=True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("y\n", "Nothing was changed."), ("", "There is no terminal to ask at. Add --yes.")],
)
def test_anything_else_stops(monkeypatch, typed, sentence):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    with pytest.raises(CommandError) as refusal:
        require_yes("Delete it?", is_given=False)

    assert str(refusal.value) == sentence
