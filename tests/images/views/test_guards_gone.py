"""What is gone: its pages and dialogs say why, to those who may know."""

from __future__ import annotations

import pytest

from images import copying, lifecycle, sharing
from images.models import Image

from ...dom import find_all, get_text
from ...factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of
from ..verbs import release

pytestmark = pytest.mark.django_db
NOT_FOUND = "Page not found, or you don't have access to it."


def get_links(response):
    links = find_all(response, "a")
    return [(get_text(each).strip(), dict(each.attributes)["href"]) for each in links]


@pytest.mark.parametrize("dialog", ["share/", "unshare/", "edit/", "delete/", "copy/"])
def test_a_deleted_image(client_for, account, actor_for, headers, dialog):
    image = ImageFactory.create(owner=account, name="golden")
    url = page_of(image, dialog)
    lifecycle.delete(image=image, by=actor_for(account))
    browser = client_for(account)

    for response in (browser.get(url, headers=headers), browser.post(url, headers=headers)):
        assert response.status_code == 404
        assert "golden was deleted." in text_of(response)
        assert NOT_FOUND not in text_of(response)
        assert ("Image List", "/bj/images/") in get_links(response)
        event = '{"images:changed": {}}' if headers else None
        assert response.headers.get("HX-Trigger") == event


def test_the_page_of_a_deleted_image_asks_for_no_other_refresh(
    client_for, account, actor_for, htmx
):
    image = ImageFactory.create(owner=account, name="golden")
    url = page_of(image)
    lifecycle.delete(image=image, by=actor_for(account))

    response = client_for(account).get(url, headers=htmx)

    assert "golden was deleted." in text_of(response)
    assert "HX-Trigger" not in response.headers


def test_a_canceled_copy(client_for, account, actor_for):
    image = ImageFactory.create(owner=account, name="golden", copying=True)
    url = page_of(image, "cancel/")
    copying.cancel(image=image, by=actor_for(account))

    assert "The copy golden was canceled." in text_of(client_for(account).get(url))


def test_a_released_instance(client_for, account, actor_for, htmx):
    instance = InstanceFactory.create(owner=account, name="web")
    url = f"/bj/instances/{instance.instance_id}/stop/"
    release(instance, actor_for(account))

    response = client_for(account).get(url, headers=htmx)

    assert response.status_code == 404
    assert "web was released." in text_of(response)
    assert ("Instances", "/bj/instances/") in get_links(response)
    assert response.headers["HX-Trigger"] == '{"instances:changed": {}}'


def test_a_recipient_learns_of_an_unshare_but_not_of_what_the_owner_does_later(
    client_for, actor_for
):
    grant = ShareGrantFactory.create(image__name="golden")
    image, recipient = grant.image, grant.recipient
    url = page_of(image)
    stranger = client_for(AccountFactory.create())
    by = actor_for(image.owner)
    sharing.unshare(
        image=image,
        entries=sharing.pick_recipients([recipient], [recipient.account_id]),
        by=by,
    )

    unshared = client_for(recipient).get(url)
    lifecycle.delete(image=Image.objects.get(), by=by)
    deleted = client_for(recipient).get(url)

    for response in (unshared, deleted):
        assert response.status_code == 404
        assert "golden is no longer shared with you." in text_of(response)
    assert "golden was deleted." in text_of(client_for(image.owner).get(url))
    assert "golden" not in text_of(stranger.get(url))
    assert NOT_FOUND in text_of(stranger.get(url))


def test_another_region_says_nothing(client_for, account, actor_for):
    RegionFactory.create(code="gz")
    image = ImageFactory.create(owner=account, name="golden")
    lifecycle.delete(image=image, by=actor_for(account))

    response = client_for(account).get(f"/gz/images/{image.image_id}/")

    assert NOT_FOUND in text_of(response)
    assert "golden" not in text_of(response)


def test_a_refused_delete_explains_nothing(client_for, account):
    image = ImageFactory.create(owner=account, name="golden", copying=True)
    browser = client_for(account)
    assert browser.post(page_of(image, "delete/")).status_code == 422
    Image.objects.update(owner=AccountFactory.create())

    response = browser.get(page_of(image))

    assert NOT_FOUND in text_of(response)
    assert "golden" not in text_of(response)


def test_the_reason_costs_two_queries(
    client_for, account, actor_for, htmx, django_assert_num_queries
):
    image = ImageFactory.create(owner=account)
    lifecycle.delete(image=image, by=actor_for(account))
    browser = client_for(account)
    browser.get("/bj/images/")

    # The session, the person, the image, whose image it is instead, and the event
    with django_assert_num_queries(5):
        browser.get(page_of(image), headers=htmx)


def test_a_missing_page_keeps_the_frame(client_for, account):
    RegionFactory.create(name_en="Beijing")
    PublicImageFactory.create()
    browser = client_for(account)

    for url in ("/bj/images/m-00000000/", "/bj/nothing/", "/nothing/", "/xx/images/"):
        response = browser.get(url)

        assert response.status_code == 404
        assert NOT_FOUND in text_of(response)
        assert ("Instances", "/bj/instances/") in get_links(response)
        assert account.name in text_of(response)


def test_without_a_session_a_missing_page_has_no_frame(client):
    RegionFactory.create()

    response = client.get("/nothing/")

    assert response.status_code == 404
    assert NOT_FOUND in text_of(response)
    assert get_links(response) == [("BCC Console", "/"), ("Go to the console", "/")]


def test_without_regions_a_missing_page_has_no_frame(client_for, account):
    response = client_for(account).get("/nothing/")

    assert response.status_code == 404
    assert NOT_FOUND in text_of(response)


def test_a_page_of_operators_is_refused_in_the_frame(client_for, account):
    RegionFactory.create()

    response = client_for(account).get("/styleguide/")

    assert response.status_code == 403
    assert "Only operators can open this page." in text_of(response)
    assert ("Instances", "/bj/instances/") in get_links(response)
