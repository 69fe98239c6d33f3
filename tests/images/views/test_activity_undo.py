"""Undo in the activity."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from images import lifecycle, restoring, sharing
from images.models import Image

from ...dom import find_all
from .events import build_entries, read_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.fixture
def unshared(image, payments, actor_for):
    by = actor_for(image.owner)
    sharing.share(image=image, entries=build_entries(payments), by=by)
    return sharing.unshare(image=image, entries=build_entries(payments), by=by)


def get_undo_urls(browser, address="/bj/activity/"):
    activities = browser.get(address).context["activities"]
    return [activity.undo_url for activity in activities if activity.undo_url]


@pytest.mark.parametrize("address", ["/bj/activity/", "/bj/images/m-golden00/"])
def test_the_owner_can_undo_an_unshare_for_ten_minutes(client_for, image, unshared, address):
    browser = client_for(image.owner)
    url = reverse("images:restore", args=["bj", "m-golden00", unshared.pk])

    assert get_undo_urls(browser, address) == [url]
    assert find_all(browser.get(address), "a", href=url, hx_get=url)
    with time_machine.travel(unshared.at + timedelta(minutes=11)):
        assert get_undo_urls(browser, address) == []


def test_an_unshare_cannot_be_undone_twice(client_for, image, unshared, actor_for):
    restoring.restore(image=image, unshare_event=unshared, by=actor_for(image.owner))
    browser = client_for(image.owner)

    assert get_undo_urls(browser) == []
    assert read_rows(browser)[0] == ("Undid unshare", "golden")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_second_undo_refreshes_the_list_that_still_offers_it(client_for, image, unshared, method):
    browser = client_for(image.owner)
    url = reverse("images:restore", args=["bj", "m-golden00", unshared.pk])
    browser.post(url)

    response = getattr(browser, method)(url, headers={"HX-Request": "true"})

    assert response["HX-Trigger"] == '{"images:changed": {}}'


@pytest.mark.parametrize("address", ["/bj/activity/", "/bj/images/m-golden00/"])
@pytest.mark.usefixtures("unshared")
def test_only_the_owner_can_undo(client_for, image, payments, actor_for, address):
    sharing.share(image=image, entries=build_entries(payments), by=actor_for(image.owner))

    page = client_for(payments).get(address)

    assert [entry.action for entry in page.context["activities"]] == [
        "Shared with you",
        "No longer shared with you",
        "Shared with you",
    ]
    assert [entry.undo_url for entry in page.context["activities"]] == ["", "", ""]


def test_an_unshare_of_a_deleted_image_cannot_be_undone(
    client_for, account, image, unshared, actor_for
):
    lifecycle.delete(image=image, by=actor_for(account))

    assert get_undo_urls(client_for(account)) == []


@pytest.mark.usefixtures("unshared")
@pytest.mark.parametrize("address", ["/bj/activity/", "/bj/images/m-golden00/", "/bj/"])
def test_an_unshare_cannot_be_undone_while_the_image_is_unavailable(client_for, image, address):
    browser = client_for(image.owner)
    assert len(get_undo_urls(browser, address)) == 1

    Image.objects.update(settled_status="Error")

    assert get_undo_urls(browser, address) == []


@pytest.mark.parametrize("address", ["/bj/", "/bj/images/m-golden00/"])
def test_the_short_lists_leave_out_failed_actions_of_other_accounts(
    client_for, image, payments, actor_for, address
):
    sharing.share(image=image, entries=build_entries(payments), by=actor_for(image.owner))
    client_for(payments).post("/bj/images/m-golden00/delete/")
    client_for(image.owner).post("/bj/images/m-golden00/delete/")
    browser = client_for(image.owner)

    failed = ("Delete image", "golden")
    assert read_rows(browser)[:2] == [failed, failed]
    activities = browser.get(address).context["activities"]
    assert [activity.action for activity in activities] == ["Delete image", "Shared image"]
    assert activities[0].actor != "payments"
