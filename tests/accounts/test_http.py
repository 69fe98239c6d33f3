"""Dialogs with and without htmx."""

from __future__ import annotations

import pytest

from ..dom import find_all, get_text
from ..factories import (
    AccessKeyFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..images.pages import page_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("dialog", ["share/", "unshare/", "edit/", "delete/"])
def test_a_dialog_is_a_fragment_for_htmx_and_a_page_without(client_for, htmx, dialog):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)

    fragment = browser.get(page_of(grant.image, dialog), headers=htmx)
    page = browser.get(page_of(grant.image, dialog))

    assert "<html" not in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


def breadcrumb(page):
    (nav,) = find_all(page, "nav", aria_label="Breadcrumb")
    return [get_text(link) for link in find_all(nav, "a")]


def test_a_confirm_dialog_on_its_own_page_links_back_to_its_subject(client, account):
    RegionFactory.create()
    person = UserFactory.create(account=account)
    image = ImageFactory.create(owner=account)
    instance = InstanceFactory.create(owner=account)
    key = AccessKeyFactory.create(user=person)
    client.force_login(person)

    of_image = client.get(page_of(image, "delete/"))
    of_instance = client.get(f"{instance.get_absolute_url()}stop/")
    of_key = client.get(f"/bj/access-keys/{key.key_id}/disable/")

    assert breadcrumb(of_image) == ["Image List", image.name]
    assert breadcrumb(of_instance) == ["Instances", instance.name]
    assert breadcrumb(of_key) == ["Access keys"]
    for page, subject in ((of_image, image.image_id), (of_key, key.key_id)):
        (sheet,) = find_all(page, "form", class_="sheet small")
        assert subject in get_text(sheet)
        assert dict(sheet.attributes)["action"] == page.request["PATH_INFO"]
