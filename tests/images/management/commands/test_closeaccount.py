from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from images.models import Image, ShareGrant

from ....factories import AccountFactory, ImageFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaver():
    account = AccountFactory.create(name="leaver")
    image = ImageFactory.create(owner=account, name="golden")
    ShareGrantFactory.create(image=image, recipient__name="search")
    return account


def close(*arguments):
    output = StringIO()
    call_command("closeaccount", *arguments, stdout=output)
    return output.getvalue()


def is_closed(account):
    account.refresh_from_db()
    return account.is_closed


def test_the_preview_has_the_names_and_the_closing_its_request_id(leaver):
    output = close("leaver", "--images", "keep", "--yes")

    assert "Shares given that end: 1  golden -> search\n" in output
    assert "Images that are kept: 1  golden\n" in output
    event = AuditEvent.objects.get(verb="account.closed")
    assert f"Request ID of its report: {event.request_id}\n" in output
    assert is_closed(leaver)
    assert not ShareGrant.objects.exists()


@pytest.mark.parametrize("name", ["account_id", "uc_account"])
def test_images_are_handed_over_by_any_identifier(leaver, name):
    heir = AccountFactory.create(name="heir")

    output = close(getattr(leaver, name), "--images", f"to:{getattr(heir, name)}", "--yes")

    assert "Images that are handed over to heir: 1  golden\n" in output
    assert Image.objects.get().owner == heir


@pytest.mark.parametrize(
    ("more", "answer", "closes"),
    [(0, "yes", True), (0, "", False), (19, "yes", False), (19, "21", True)],
)
def test_it_asks_for_a_large_number(leaver, monkeypatch, more, answer, closes):
    ImageFactory.create_batch(more, owner=leaver)
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)

    if closes:
        close("leaver", "--images", "keep")
    else:
        with pytest.raises(CommandError, match="Nothing was closed"):
            close("leaver", "--images", "keep")

    assert is_closed(leaver) == closes


def test_what_cannot_be_released_is_listed_with_the_reason(leaver, capsys):
    ImageFactory.create(owner=leaver, name="fresh", creating=True)

    with pytest.raises(CommandError, match="can't be released now: fresh"):
        call_command("closeaccount", "leaver", "--images", "release", "--yes")

    assert "Can't be released now: 1  fresh: This image is still being" in capsys.readouterr().out


def test_closing_again_does_nothing(leaver):
    close("leaver", "--images", "keep", "--yes")

    assert close("leaver", "--images", "release", "--yes") == (
        "The account leaver is closed already. Nothing was done.\n"
    )
    assert Image.objects.exists()


@pytest.mark.parametrize(
    ("name", "images", "sentence"),
    [
        ("nobody", "keep", "Account not found: nobody"),
        ("leaver", "to:nobody", "Account not found: nobody"),
        ("leaver", "burn", "--images must be keep, release or to:OTHER."),
        ("leaver", "to:leaver", "Enter another account than the one to close."),
        ("leaver", "to:full", "full has 0 of 0 custom images in Beijing. There is no room for 1"),
    ],
)
def test_a_refusal_is_one_line_and_closes_nothing(leaver, name, images, sentence):
    AccountFactory.create(name="full", custom_image_limit=0)

    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        close(name, "--images", images, "--yes")

    assert not is_closed(leaver)
    assert ShareGrant.objects.exists()
