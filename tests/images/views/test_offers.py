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
    shared = ImageFactory.create(owner=account)
    ShareGrantFactory.create_batch(3, image=shared)
    browser = client_for(account)

    row = text_of(browser.get("/bj/images/"))
    menus = [text_of(browser.get(page_of(image, "menu/"))) for image in (creating, shared)]

    assert "Only available images can be shared, copied or used." in row
    assert "This image is still being created. Delete it when it's ready." in menus[0]
    assert "Shared with 3 accounts. Unshare it first." in menus[1]


def test_the_menu_of_a_row_is_fetched_and_leads_to_all_actions_without_scripts(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    (menu,) = find_all(
        browser.get("/bj/images/"), "div", popover="", class_="menu", id=f"menu-{image.image_id}"
    )
    (link,) = find_all(menu, "a")
    fetched = browser.get(dict(menu.attributes)["hx-get"])

    assert dict(menu.attributes)["hx-trigger"] == "toggle once"
    assert dict(link.attributes)["href"] == page_of(image)
    links = [
        dict(each.attributes)["href"]
        for each in find_all(fetched, "a")
        if "href" in dict(each.attributes)
    ]
    assert links == [
        page_of(image, "copy/"),
        page_of(image, "edit/"),
        page_of(image, "delete/"),
        f"/bj/instances/create/?image={image.image_id}",
    ]


def test_a_stranger_gets_no_menu(client_for):
    image = ImageFactory.create()

    assert client_for(AccountFactory.create()).get(page_of(image, "menu/")).status_code == 404


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

    paths = ("/bj/images/", page_of(image, "menu/"), page_of(image))
    row, menu, page = pages = [browser.get(path, headers=headers) for path in paths]
    assert not [each for each in pages if find_all(each, "a", href=page_of(image, dialog))]
    if dialog != "cancel/":
        assert sentence in text_of(row) + text_of(menu)
        assert sentence in text_of(page)
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
