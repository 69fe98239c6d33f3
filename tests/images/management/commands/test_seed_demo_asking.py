"""`manage.py seed_demo` on a console that other machines can reach."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from images.models import Region

pytestmark = pytest.mark.django_db


def seed(*arguments):
    call_command("seed_demo", *arguments, stdout=io.StringIO())


@pytest.fixture(autouse=True)
def console_for_others(settings):
    settings.ONLY_LOCAL = False
    for code in ("bj", "bd", "gz", "su", "hkg", "sin"):
        Region.objects.get_or_create(code=code, defaults={"name_en": code, "name_zh": code})


def test_it_is_filled_only_if_asked_to(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _question: "y")

    with pytest.raises(CommandError, match=r"Nothing was changed\."):
        seed()

    assert not Account.objects.exists()


def test_it_is_filled_without_a_question_with_yes():
    seed("--yes")

    assert Account.objects.count() == 66
