"""The Share dialog: invalid input, verdicts, and what is kept after an error."""

from __future__ import annotations

import hashlib

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import AuditEvent
from images import sharing
from images.forms import ShareForm
from images.models import Image, ShareGrant

from ...dom import find_all, get_text, parse, walk
from ...factories import (
    AccountFactory,
    ImageFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db


def read_outcome(response):
    """Return the line beside OK."""
    (line,) = find_all(response, "p", id="outcome")
    return get_text(line)


def test_a_recipient_loses_access_to_an_unshared_image(client_for):
    grant = ShareGrantFactory.create(image__name="golden")
    recipient, owner = client_for(grant.recipient), client_for(grant.owner)
    assert "golden" in text_of(recipient.get("/bj/images/?type=shared"))

    owner.post(page_of(grant.image, "unshare/"), {"recipients": [grant.recipient.account_id]})

    assert "golden" not in text_of(recipient.get("/bj/images/?type=shared"))
    assert recipient.get(page_of(grant.image)).status_code == 404


def test_the_dialog_says_that_sharing_is_regional(client_for, headers):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(page_of(image, "share/"), headers=headers)

    sentence = "To share the image in another region, copy it there first."
    assert f"Sharing applies in Beijing only. {sentence}" in text_of(dialog)
    (link,) = find_all(dialog, "a", href=page_of(image, "copy/"))
    assert get_text(link) == sentence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter at least one account."),
        (" \n,;，； ", "Enter at least one account."),
        ("nobody", "Account not found"),
        ("💳", "Account not found"),
        ("ｐｌａｔｆｏｒｍ", "Account not found"),
        ("AB" * 16, "Account not found"),
        ("a\0b", "Remove the characters that can't be stored."),
        ("<img src=x onerror=alert(1)>", "Account not found"),
        (
            "\n".join(f"nobody-{n}" for n in range(10_000)),
            "You entered 10000 accounts. Enter at most 500 at a time.",
        ),
        ("x" * 100_000, "Account not found"),
    ],
    ids=lambda value: value[:12],
)
def test_an_invalid_list_is_kept_and_shows_an_error(client_for, headers, typed, sentence):
    image = ImageFactory.create()

    response = share(client_for(image.owner), image, typed, headers)

    assert response.status_code == 422
    assert sentence in text_of(response)
    has_outcome = sentence in {"Account not found", "Enter at least one account."}
    assert bool(read_outcome(response)) == has_outcome
    assert response.context["form"]["accounts"].value() == typed
    assert "onerror=alert(1)>" not in response.content.decode()
    assert not ShareGrant.objects.exists()


def test_nothing_is_shared_without_the_acknowledgement(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "share/"), {"accounts": recipient.name}, headers=headers
    )

    assert response.status_code == 422
    (error,) = find_all(response, "div", id="id_acknowledged_error")
    assert get_text(error).strip() == "Confirm that you checked this image."
    assert recipient.account_id in text_of(response)
    assert not ShareGrant.objects.exists()


def test_every_entry_has_a_verdict_and_nothing_is_shared(client_for, headers):
    image = ImageFactory.create(owner__name="platform")
    ready = AccountFactory.create(name="ready-one")
    ShareGrantFactory.create(image=image, recipient__name="has-it")
    full = AccountFactory.create(name="full", received_image_limit=0)
    text = f"ready-one, {ready.account_id} has-it; platform\nnobody\tfull"

    response = share(client_for(image.owner), image, text, headers)

    assert response.status_code == 422
    verdicts = {entry.text: entry.verdict.value for entry in response.context["review"].entries}
    assert verdicts == {
        "ready-one": "ready",
        ready.account_id: "repeated",
        "has-it": "already-shared",
        "platform": "owner",
        "nobody": "unknown",
        "full": "no-room",
    }
    for label in (
        "Duplicate",
        "Already shared",
        "Your own account",
        "Account not found",
        "Recipient is at its limit",
    ):
        assert label in text_of(response)
    assert "Nothing was shared. Fix or remove 3 entries." in text_of(response)
    assert read_outcome(response) == "Fix or remove 3 entries."
    assert not full.received_grants.exists()
    assert not ready.received_grants.exists()


def test_an_entry_over_the_limit_of_the_image_is_marked(client_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(38, image=image)
    accounts = AccountFactory.create_batch(13)

    response = share(client_for(image.owner), image, "\n".join(a.name for a in accounts))

    assert response.status_code == 422
    assert "Shared with 38 of 50 accounts; 12 left" in text_of(response)
    verdicts = [entry.verdict.value for entry in response.context["review"].entries]
    assert verdicts == ["ready"] * 12 + ["over-limit"]
    assert "Over the limit of 50" in text_of(response)
    assert image.grants.count() == 38


def test_sharing_with_the_same_account_again_is_refused(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    first = share(browser, image, recipient.name, headers)
    second = share(browser, image, recipient.name, headers)

    assert first.status_code == (204 if headers else 303)
    assert second.status_code == 422
    assert "Already shared" in text_of(second)
    assert image.grants.count() == 1


def test_leading_zeros_and_columns_from_spreadsheets_are_kept(client_for):
    image = ImageFactory.create()
    AccountFactory.create(name="0081726354")
    AccountFactory.create(account_id="00" + "ab" * 15)
    text = "\ufeff0081726354\r\n" + "00" + "ab" * 15 + "\r\n"

    response = share(client_for(image.owner), image, text)

    assert response.status_code == 303
    assert image.grants.count() == 2


def test_unknown_fields_change_nothing(client_for, account):
    image = ImageFactory.create(owner=account)
    other = AccountFactory.create()
    extra = {"owner": other.pk, "status": "Error", "image_id": "m-hacked00", "type": "System"}

    client_for(account).post(page_of(image, "edit/"), {"name": "new", "desc": "d", **extra})

    after = Image.objects.get()
    assert (after.name, after.desc) == ("new", "d")
    assert (after.owner, after.status, after.image_id) == (account, "Available", image.image_id)


def test_a_check_shows_verdicts_and_stores_nothing(client_for, htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": f"{recipient.name} nobody"}, headers=htmx
    )

    assert response.status_code == 200
    assert recipient.account_id in text_of(response)
    assert "Account not found" in text_of(response)
    (outcome,) = find_all(response, "div", hx_swap_oob="innerHTML:#outcome")
    assert get_text(outcome) == "Fix or remove 1 entry."
    assert "<form" not in response.content.decode()
    assert not ShareGrant.objects.exists()


def test_a_check_without_javascript_returns_the_whole_form(client_for):
    image = ImageFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": "nobody", "acknowledged": "on"}
    )

    assert response.status_code == 200
    assert response.context["form"]["accounts"].value() == "nobody"
    assert response.context["form"]["acknowledged"].value() is True
    assert response.context["form"].errors == {}


def test_a_recipient_learns_nothing_from_the_dialog_even_over_the_rate_limit(client_for, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    response = share(client_for(grant.recipient), grant.image, "guess")

    assert response.status_code == 403
    assert "of 50" not in text_of(response)


def test_the_enter_key_presses_ok(client_for, htmx):
    image = ImageFactory.create()
    browser = client_for(image.owner)

    (form,) = find_all(share(browser, image, "nobody", htmx), "form")

    first, *others = (dict(button.attributes) for button in find_all(form, "button", type="submit"))
    assert "formaction" not in first
    assert [button for button in others if button.get("name") == "keep"]
    assert dict(form.attributes)["hx-disabled-elt"] == "find footer button"


def test_a_form_with_an_expired_token_can_be_sent_again(htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory.create(account=image.owner))
    data = {"accounts": recipient.name, "acknowledged": "on", "csrfmiddlewaretoken": "x" * 64}

    refused = browser.post(page_of(image, "share/"), data, headers=htmx)
    (field,) = find_all(refused, "input", name="csrfmiddlewaretoken")
    token = dict(field.attributes)["value"]
    again = browser.post(
        page_of(image, "share/"), data | {"csrfmiddlewaretoken": token}, headers=htmx
    )

    assert refused.status_code == 403
    assert "Nothing was changed. Submit it again." in text_of(refused)
    assert again.status_code == 204
    assert image.grants.get().recipient == recipient


def get_ids(response):
    attributes = [dict(element.attributes) for element in walk(parse(response))]
    return [each["id"] for each in attributes if "id" in each]


@pytest.mark.parametrize("page", ["", "share/", "unshare/", "edit/", "delete/"])
def test_ids_are_unique_in_a_page_with_its_dialog(client_for, htmx, page):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(11, image=image)
    browser = client_for(image.owner)
    dialog_ids = get_ids(browser.get(page_of(image, page), headers=htmx)) if page else []

    for path in ("/bj/images/", page_of(image)):
        ids = get_ids(browser.get(path)) + dialog_ids
        ids = [each for each in ids if each != "announcer"]
        assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_acknowledgement_is_recorded_with_version_language_person_and_time(
    client_for, language
):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    share(browser, image, recipient.name, {"Accept-Language": language})

    event = AuditEvent.objects.get()
    assert event.detail["acknowledged"] == f"2027-01 {language}"
    assert event.actor == image.owner.people.get().username
    assert event.at >= image.grants.get().shared_at


# The hash of each version of the risk notice. A new text needs a new version.
RISK_NOTICES = {
    "2026-11": "e91168f8140f3dc203a460e36262ea7e9e14bd2d3adbb2f54c4418711c774df0",
    "2026-12": "5b390ed0cdcc08c2749d6a5e48b4955cb94b015359b51a1cb186770ee429a9c5",
    "2027-01": "6ecaf5a6eca66ece001c5d84bf073bfa9e5404b823e8dca2e0ae224eab98775f",
}


def test_the_version_of_the_risk_notice_belongs_to_its_text():
    text = (settings.BASE_DIR / "templates/images/risk_notice.html").read_bytes()
    label = str(ShareForm.base_fields["acknowledged"].label).encode()

    assert hashlib.sha256(text + label).hexdigest() == RISK_NOTICES[sharing.RISK_NOTICE]
