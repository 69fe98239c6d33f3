"""Offered actions, and the reasons why others are disabled."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.views.offers import Action, InstanceAction, get_instance_offers, get_offers

from ...dom import find_all
from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import all_rows, page_of, text_of

pytestmark = pytest.mark.django_db


def test_a_disabled_action_shows_the_reason(client_for, account):
    creating = ImageFactory.create(owner=account, creating=True)
    ShareGrantFactory.create_batch(3, image__owner=account, image=ImageFactory(owner=account))

    page = text_of(client_for(account).get("/bj/images/"))

    assert "Only available images can be shared, copied or used." in page
    assert "Shared with 3 accounts. Unshare it first." in page
    assert "This image is still being created. Delete it when it's ready." in page
    assert creating.name in page


NOT_AVAILABLE = "Only available images can be shared, copied or used."

REFUSED = [
    ("creating", "share/", NOT_AVAILABLE),
    ("creating", "copy/", NOT_AVAILABLE),
    ("creating", "delete/", "This image is still being created. Delete it when it's ready."),
    ("creating", "cancel/", "This image is no longer being copied."),
    ("copying", "share/", NOT_AVAILABLE),
    ("copying", "copy/", NOT_AVAILABLE),
    ("copying", "delete/", "This image is still being copied. Cancel the copy instead."),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_an_image_that_is_not_ready_cannot_be_changed(client_for, account, headers, case):
    state, dialog, sentence = case
    image = ImageFactory.create(owner=account, **{state: True})
    recipient = AccountFactory.create()
    data = {
        "accounts": recipient.name,
        "acknowledged": "on",
        "regions": ["gz"],
        "name": "golden",
    }
    browser, before = client_for(account), all_rows()

    for path in ("/bj/images/", page_of(image)):
        page = browser.get(path, headers=headers)
        assert not find_all(page, "a", href=page_of(image, dialog))
        assert dialog == "cancel/" or sentence in text_of(page)
    shown = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), data, headers=headers)

    assert (shown.status_code, forced.status_code) == (200, 422)
    assert sentence in text_of(shown)
    assert sentence in text_of(forced)
    assert all_rows() == before
    assert not image.grants.exists()
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)


MANAGE = [Action.SHARE, Action.UNSHARE, Action.COPY, Action.EDIT, Action.DELETE]


def actions(image, by):
    return [offer.action for offer in get_offers(image, by)]


def test_an_owner_sees_the_managing_actions_first(actor_for):
    image = ImageFactory.create()

    assert actions(image, actor_for(image.owner)) == [*MANAGE, Action.USE]


def test_a_recipient_sees_only_what_can_become_possible(actor_for):
    grant = ShareGrantFactory.create(image__settled_status="NotAvailable")
    public = PublicImageFactory.create()

    assert actions(grant.image, actor_for(grant.recipient)) == [Action.USE]
    assert actions(public, actor_for(grant.recipient)) == [Action.USE]


@pytest.mark.parametrize("tab", ["shared", "public"])
def test_creating_an_instance_is_the_primary_action_on_an_image_of_others(client_for, account, tab):
    images = {
        "shared": ShareGrantFactory.create(recipient=account).image,
        "public": PublicImageFactory.create(),
    }
    browser = client_for(account)

    for path in (f"/bj/images/?type={tab}", page_of(images[tab])):
        page = browser.get(path)
        url = f"/bj/instances/create/?image={images[tab].image_id}"
        assert find_all(page, "a", href=url, class_="button primary")
        assert not find_all(page, "button", aria_disabled="true")
        for word in ("Unshare", "Copy to region", "Edit", "Delete", "More actions"):
            assert word not in text_of(page)
            assert word not in page.content.decode()


def test_what_does_not_apply_now_is_disabled_with_its_reason(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__settled_status="NotAvailable")

    for path in ("/bj/images/?type=shared", page_of(grant.image)):
        page = client_for(account).get(path)
        assert find_all(page, "button", aria_disabled="true")
        assert NOT_AVAILABLE in text_of(page)


def test_an_owner_sees_cancel_first_while_the_image_is_being_copied(actor_for):
    image = ImageFactory.create(copying=True)

    assert actions(image, actor_for(image.owner)) == [Action.CANCEL, *MANAGE, Action.USE]


USE = [InstanceAction.IMAGE, InstanceAction.REINSTALL]
STOP = [InstanceAction.STOP, InstanceAction.REBOOT]
START = [InstanceAction.START]


@pytest.mark.parametrize(
    ("traits", "offered"),
    [
        ({}, [*USE, *STOP, *START, InstanceAction.RELEASE]),
        ({"starting": True}, [*USE, *STOP, *START, InstanceAction.RELEASE]),
        ({"stopped": True}, [*START, *USE, *STOP, InstanceAction.RELEASE]),
    ],
)
def test_a_running_instance_is_used_and_a_stopped_one_started(actor_for, traits, offered):
    instance = InstanceFactory.create(**traits)

    offers = get_instance_offers(instance, actor_for(instance.owner))

    assert [offer.action for offer in offers] == offered
