"""The Share dialog: bad input, verdicts, and what is never lost."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import AuditEvent
from images import sharing
from images.forms import ShareForm
from images.models import Image, ShareGrant

from ...factories import (
    AccountFactory,
    ImageFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db


def test_after_unsharing_the_image_is_gone_for_the_recipient(client_for):
    grant = ShareGrantFactory.create(image__name="golden")
    recipient, owner = client_for(grant.recipient), client_for(grant.owner)
    assert "golden" in text_of(recipient.get("/bj/images/?type=shared"))

    owner.post(page_of(grant.image, "unshare/"), {"recipients": [grant.recipient.account_id]})

    assert "golden" not in text_of(recipient.get("/bj/images/?type=shared"))
    assert recipient.get(page_of(grant.image)).status_code == 404


def test_the_share_dialog_tells_that_sharing_is_regional(client_for, headers):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(page_of(image, "share/"), headers=headers)

    assert "It is shared in Beijing only. Copy it to another region" in text_of(dialog)
    assert f'href="{page_of(image, "copy/")}"' in dialog.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter at least one account."),
        (" \n,;，； ", "Enter at least one account."),
        ("nobody", "no such account"),
        ("💳", "no such account"),
        ("ｐｌａｔｆｏｒｍ", "no such account"),
        ("AB" * 16, "no such account"),
        ("a\0b", "Null characters are not allowed."),
        ("<img src=x onerror=alert(1)>", "no such account"),
        ("\n".join(f"nobody-{n}" for n in range(10_000)), "These are 10000 entries"),
        ("x" * 100_000, "no such account"),
    ],
    ids=lambda value: value[:12],
)
def test_a_list_that_cannot_be_shared_with_comes_back(client_for, headers, typed, sentence):
    image = ImageFactory.create()

    answer = share(client_for(image.owner), image, typed, headers)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert answer.context["form"]["accounts"].value() == typed
    assert "onerror=alert(1)>" not in answer.content.decode()
    assert not ShareGrant.objects.exists()


def test_without_the_acknowledgement_nothing_is_shared(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/"), {"accounts": recipient.name}, headers=headers
    )

    assert answer.status_code == 422
    assert "Confirm that the image was checked" in text_of(answer)
    assert recipient.account_id in text_of(answer)
    assert not ShareGrant.objects.exists()


def test_every_entry_has_its_verdict_and_nothing_is_shared(client_for, headers):
    image = ImageFactory.create(owner__name="platform")
    ready = AccountFactory.create(name="ready-one")
    ShareGrantFactory.create(image=image, recipient__name="has-it")
    full = AccountFactory.create(name="full", received_image_limit=0)
    typed = f"ready-one, {ready.account_id} has-it; platform\nnobody\tfull"

    answer = share(client_for(image.owner), image, typed, headers)

    assert answer.status_code == 422
    found = {entry.text: entry.verdict.value for entry in answer.context["review"].entries}
    assert found == {
        "ready-one": "ready",
        ready.account_id: "repeated",
        "has-it": "already-shared",
        "platform": "owner",
        "nobody": "unknown",
        "full": "no-room",
    }
    for sentence in ("repeated here", "already shared", "that is you", "has no room"):
        assert sentence in text_of(answer)
    assert not full.received_grants.exists()
    assert not ready.received_grants.exists()


def test_the_fifty_first_entry_is_marked(client_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(38, image=image)
    accounts = AccountFactory.create_batch(13)

    answer = share(client_for(image.owner), image, "\n".join(a.name for a in accounts))

    assert answer.status_code == 422
    assert "Shared with 38 of 50 users; 12 left" in text_of(answer)
    verdicts = [entry.verdict.value for entry in answer.context["review"].entries]
    assert verdicts == ["ready"] * 12 + ["over-limit"]
    assert image.grants.count() == 38


def test_a_second_click_on_ok_says_that_it_is_shared_already(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    first = share(browser, image, recipient.name, headers)
    second = share(browser, image, recipient.name, headers)

    assert first.status_code == (204 if headers else 303)
    assert second.status_code == 422
    assert "already shared" in text_of(second)
    assert image.grants.count() == 1


def test_leading_zeros_and_spreadsheet_columns_survive(client_for):
    image = ImageFactory.create()
    AccountFactory.create(name="0081726354")
    AccountFactory.create(account_id="00" + "ab" * 15)
    typed = "\ufeff0081726354\r\n" + "00" + "ab" * 15 + "\r\n"

    answer = share(client_for(image.owner), image, typed)

    assert answer.status_code == 303
    assert image.grants.count() == 2


def test_fields_that_the_form_does_not_have_change_nothing(client_for, account):
    image = ImageFactory.create(owner=account)
    other = AccountFactory.create()
    extra = {"owner": other.pk, "status": "Error", "image_id": "m-hacked00", "type": "System"}

    client_for(account).post(page_of(image, "edit/"), {"name": "new", "desc": "d", **extra})

    after = Image.objects.get()
    assert (after.name, after.desc) == ("new", "d")
    assert (after.owner, after.status, after.image_id) == (account, "Available", image.image_id)


def test_check_judges_and_writes_nothing(client_for, htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": f"{recipient.name} nobody"}, headers=htmx
    )

    assert answer.status_code == 200
    assert recipient.account_id in text_of(answer)
    assert "no such account" in text_of(answer)
    assert "<form" not in answer.content.decode()
    assert not ShareGrant.objects.exists()


def test_check_without_javascript_answers_the_whole_form(client_for):
    image = ImageFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": "nobody", "acknowledged": "on"}
    )

    assert answer.status_code == 200
    assert answer.context["form"]["accounts"].value() == "nobody"
    assert answer.context["form"]["acknowledged"].value() is True
    assert "Confirm that" not in text_of(answer)


def test_refused_entries_can_be_taken_out(client_for, headers):
    image = ImageFactory.create()
    good, better = AccountFactory.create_batch(2)

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"),
        {"accounts": f"{good.name} nobody {good.account_id} {better.uc_account}", "keep": "ready"},
        headers=headers,
    )

    assert answer.context["form"]["accounts"].value() == f"{good.name}\n{better.uc_account}"


@pytest.mark.parametrize(
    ("typed", "status"), [("x " * 501, 422), ("a\0b", 422), ("guess-1 guess-2 guess-3", 429)]
)
def test_taking_out_loses_nothing_when_the_list_is_refused(
    client_for, headers, settings, typed, status
):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    image = ImageFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": typed, "keep": "ready"}, headers=headers
    )

    assert answer.status_code == status
    assert answer.context["form"]["accounts"].value() == typed


def test_a_recipient_learns_nothing_from_share_even_when_out_of_tries(client_for, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    answer = share(client_for(grant.recipient), grant.image, "guess")

    assert answer.status_code == 403
    assert "of 50" not in text_of(answer)


def test_ok_is_what_enter_means(client_for, htmx):
    image = ImageFactory.create()
    browser = client_for(image.owner)

    form = share(browser, image, "nobody", htmx).content.decode()

    first, *others = re.findall(r"<button[^>]*type=\"submit\"[^>]*>", form)
    assert "formaction" not in first
    assert [button for button in others if 'name="keep"' in button]
    assert 'hx-disabled-elt="find footer button"' in form


def test_a_form_from_before_the_last_sign_in_can_be_sent_again(htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory.create(account=image.owner))
    data = {"accounts": recipient.name, "acknowledged": "on", "csrfmiddlewaretoken": "x" * 64}

    refused = browser.post(page_of(image, "share/"), data, headers=htmx)
    token = re.search(r'value="(\w{64})"', refused.content.decode()).group(1)
    again = browser.post(
        page_of(image, "share/"), data | {"csrfmiddlewaretoken": token}, headers=htmx
    )

    assert (refused.status_code, refused.headers["HX-Retarget"]) == (403, ".sheet .content")
    assert again.status_code == 204
    assert image.grants.get().recipient == recipient


@pytest.mark.parametrize("page", ["", "share/", "unshare/", "edit/", "delete/"])
def test_no_id_stands_twice_in_a_page_with_its_dialog(client_for, htmx, page):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(11, image=image)
    browser = client_for(image.owner)
    dialog = browser.get(page_of(image, page), headers=htmx).content.decode() if page else ""

    for behind in ("/bj/images/", page_of(image)):
        ids = re.findall(r' id="([^"]+)"', browser.get(behind).content.decode() + dialog)
        ids = [each for each in ids if each != "announcer"]
        assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_acknowledgement_is_recorded_with_its_words_person_and_time(client_for, language):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    share(browser, image, recipient.name, {"Accept-Language": language})

    event = AuditEvent.objects.get()
    assert event.detail["acknowledged"] == f"2026-11 {language}"
    assert event.actor == image.owner.people.get().username
    assert event.at >= image.grants.get().shared_at


# The words that each version of the risk notice had: new words are a new version.
RISK_NOTICES = {"2026-11": "e91168f8140f3dc203a460e36262ea7e9e14bd2d3adbb2f54c4418711c774df0"}


def test_the_version_of_the_risk_notice_is_that_of_its_words():
    words = (settings.BASE_DIR / "templates/images/risk_notice.html").read_bytes()
    label = str(ShareForm.base_fields["acknowledged"].label).encode()

    assert hashlib.sha256(words + label).hexdigest() == RISK_NOTICES[sharing.RISK_NOTICE]
