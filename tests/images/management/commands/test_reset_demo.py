"""`manage.py reset_demo`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account

from ....factories import AccountFactory


@pytest.fixture
def local(settings):
    settings.HAS_EMBEDDED_DATABASE = True
    return settings


@pytest.mark.django_db(transaction=True)
def test_everything_is_deleted_and_the_demo_data_is_there(local):
    AccountFactory.create(name="mine")
    output = StringIO()

    call_command("reset_demo", "--yes", stdout=output)

    assert output.getvalue().startswith("Added 66 accounts, ")
    assert not Account.objects.filter(name="mine").exists()


@pytest.mark.django_db
def test_without_yes_nothing_is_deleted(local, monkeypatch):
    AccountFactory.create(name="mine")
    answers = iter(["y"])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))

    with pytest.raises(CommandError, match=r"Nothing was changed\."):
        call_command("reset_demo")

    assert Account.objects.filter(name="mine").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"), [("ONLY_LOCAL", False), ("HAS_EMBEDDED_DATABASE", False)]
)
def test_a_console_for_others_is_refused(local, name, value):
    AccountFactory.create(name="mine")
    setattr(local, name, value)

    with pytest.raises(CommandError, match="Only the data of a console for this machine"):
        call_command("reset_demo", "--yes")

    assert Account.objects.filter(name="mine").exists()
