"""Undo on the Activity page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from images import lifecycle, restoring, sharing
from images.models import Image

from .events import named, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.fixture
def unshared(image, payments, actor_for):
    by = actor_for(image.owner)
    sharing.share(image=image, entries=named(payments), by=by)
    return sharing.unshare(image=image, entries=named(payments), by=by)


def undos(browser, address="/activity/"):
    return [entry.undo for entry in browser.get(address).context["entries"] if entry.undo]


@pytest.mark.parametrize("address", ["/activity/", "/bj/images/m-golden00/"])
def test_the_owner_can_undo_an_unshare_while_it_is_fresh(client_for, image, unshared, address):
    browser = client_for(image.owner)
    link = reverse("images:restore", args=["bj", "m-golden00", unshared.pk])

    assert undos(browser, address) == [link]
    assert f'href="{link}" hx-get="{link}"' in browser.get(address).content.decode()
    with time_machine.travel(unshared.at + timedelta(minutes=11)):
        assert undos(browser, address) == []


def test_what_was_undone_cannot_be_undone_again(client_for, image, unshared, actor_for):
    restoring.restore(image=image, unshared=unshared, by=actor_for(image.owner))
    browser = client_for(image.owner)

    assert undos(browser) == []
    assert shown(browser)[0] == ("Restored shares", "golden")


@pytest.mark.parametrize("address", ["/activity/", "/bj/images/m-golden00/"])
@pytest.mark.usefixtures("unshared")
def test_only_the_owner_can_undo(client_for, image, payments, actor_for, address):
    sharing.share(image=image, entries=named(payments), by=actor_for(image.owner))

    page = client_for(payments).get(address)

    assert [entry.what for entry in page.context["entries"]] == [
        "Shared with you",
        "No longer shared with you",
        "Shared with you",
    ]
    assert [entry.undo for entry in page.context["entries"]] == ["", "", ""]


def test_there_is_nothing_to_undo_about_an_image_that_is_gone(
    client_for, account, image, unshared, actor_for
):
    lifecycle.delete(image=image, by=actor_for(account))

    assert undos(client_for(account)) == []


@pytest.mark.usefixtures("unshared")
@pytest.mark.parametrize("address", ["/activity/", "/bj/images/m-golden00/", "/bj/"])
def test_there_is_nothing_to_undo_while_the_image_cannot_be_shared(client_for, image, address):
    browser = client_for(image.owner)
    assert len(undos(browser, address)) == 1

    Image.objects.update(settled_status="Error")

    assert undos(browser, address) == []


@pytest.mark.parametrize("address", ["/bj/", "/bj/images/m-golden00/"])
def test_what_others_tried_in_vain_does_not_fill_the_short_lists(
    client_for, image, payments, actor_for, address
):
    sharing.share(image=image, entries=named(payments), by=actor_for(image.owner))
    client_for(payments).post("/bj/images/m-golden00/delete/")
    client_for(image.owner).post("/bj/images/m-golden00/delete/")
    browser = client_for(image.owner)

    tried = [("Deleted image", "golden")]
    assert shown(browser)[:2] == tried * 2
    entries = browser.get(address).context["entries"]
    assert [entry.what for entry in entries] == ["Deleted image", "Shared image"]
    assert entries[0].who != "payments"
