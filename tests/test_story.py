"""The life of a shared image, as its owner and its recipient see it."""

from __future__ import annotations

import pytest

from images.models import Image, Instance

from .dom import get_values
from .factories import (
    AccountFactory,
    InstanceFactory,
    PublicImageFactory,
)
from .images.pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

PASSWORD = "Golden!2345"


def order(image_id, name):
    return {
        "image": image_id,
        "spec": "bcc.g5.c2m8",
        "name": name,
        "count": "1",
        "login": "password",
        "password": PASSWORD,
    }


def shared_tab_of(page):
    """Return the images on the Shared tab of a page with an image choice."""
    return [image.name for image, tab, _refusal in page.context["choices"] if tab == "shared"]


def checked_images_of(page):
    return get_values(page, "image", only="checked")


def assert_image_not_found(image, browser, address, headers):
    before = list(Instance.objects.order_by("pk").values())
    refused, unknown = (
        browser.post(address, order(image_id, "another"), headers=headers)
        for image_id in (image.image_id, "m-00000000")
    )
    assert (refused.status_code, unknown.status_code) == (422, 422)
    gone, not_found = (response.context["form"].errors["image"] for response in (refused, unknown))
    assert gone == ["golden is no longer shared with you."]
    assert not_found == ["Image not found."]
    assert list(Instance.objects.order_by("pk").values()) == before


def test_an_image_is_created_shared_used_unshared_and_deleted(client_for, headers):
    security = AccountFactory.create(name="security")
    payments = AccountFactory.create(name="payments")
    prepared = InstanceFactory.create(owner=security, name="prepared", stopped=True)
    old_web = InstanceFactory.create(owner=payments, name="old-web", image=PublicImageFactory())
    owner, recipient = client_for(security), client_for(payments)
    done = 204 if headers else 303

    # The owner creates an image from an instance and shares it.
    answer = owner.post(
        "/bj/images/create/",
        {"instance": prepared.instance_id, "name": "golden", "desc": "Hardened"},
        headers=headers,
    )
    assert answer.status_code == done
    page = text_of(owner.get("/bj/images/", headers=headers))
    assert "golden is being created." in page
    assert "1 of 20 custom images in Beijing" in page
    golden = Image.objects.get(name="golden")
    assert "golden" not in text_of(recipient.get("/bj/images/?type=shared", headers=headers))
    assert share(owner, golden, "payments", headers).status_code == done
    assert "golden is now shared with payments." in text_of(owner.get("/bj/images/"))

    # The recipient sees the owner in the list and on the page that creates instances.
    page = text_of(recipient.get("/bj/images/?type=shared", headers=headers))
    assert "golden" in page
    assert f"security{security.account_id}" in page
    create_page = recipient.get(f"/bj/instances/create/?image={golden.image_id}", headers=headers)
    assert create_page.context["tab"] == "shared"
    assert shared_tab_of(create_page) == ["golden"]
    assert f"Shared by security {security.account_id}" in text_of(create_page)
    assert checked_images_of(create_page) == [golden.image_id]

    # The recipient creates an instance from it and reinstalls another one.
    answer = recipient.post(
        "/bj/instances/create/", order(golden.image_id, "new-web"), headers=headers
    )
    assert answer.headers["HX-Redirect" if headers else "Location"] == "/bj/instances/"
    assert "new-web is starting." in text_of(recipient.get("/bj/instances/"))
    answer = recipient.post(
        old_web.get_absolute_url() + "reinstall/",
        {"image": golden.image_id, "login": "image"},
        headers=headers,
    )
    assert answer.status_code == done
    page = text_of(recipient.get("/bj/instances/", headers=headers))
    assert "old-web is being reinstalled from golden." in page
    assert page.count(f"Shared Image {golden.image_id}") == 2

    # The owner sees how many instances use the image, and unshares it.
    dialog = owner.get(page_of(golden, "unshare/"), headers=headers)
    assert "2 instances use this image" in text_of(dialog)
    answer = owner.post(
        page_of(golden, "unshare/"), {"recipients": [payments.account_id]}, headers=headers
    )
    assert answer.status_code == done
    assert "golden is no longer shared with payments." in text_of(owner.get("/bj/images/"))

    # Then the image does not exist for the recipient.
    page = recipient.get("/bj/images/?type=shared", headers=headers)
    assert "No images are shared with you yet" in text_of(page)
    assert "golden" not in text_of(page)
    create_page = recipient.get("/bj/instances/create/", headers=headers)
    assert shared_tab_of(create_page) == []
    assert golden.image_id not in create_page.content.decode()
    for address in ("/bj/instances/create/", old_web.get_absolute_url() + "reinstall/"):
        assert_image_not_found(golden, recipient, address, headers)

    # Instances created from it keep running and show that the image is not available.
    for instance in Instance.objects.filter(owner=payments):
        page = text_of(recipient.get(instance.get_absolute_url(), headers=headers))
        assert f"{instance.name} Running" in page
        assert "Image golden, which this instance uses, is no longer available" in page
    assert text_of(recipient.get("/bj/instances/")).count("No longer available to you") == 2

    # The image has no recipients, so the owner can delete it.
    assert owner.post(page_of(golden, "delete/"), headers=headers).status_code == done
    assert "golden was deleted." in text_of(owner.get("/bj/images/", headers=headers))
    assert not Image.objects.filter(name="golden").exists()
