"""The Reinstall OS dialog."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import Instance

from ...dom import find_all, get_values
from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import text_of
from .instance_pages import BAD_PASSWORDS, STRONG, all_rows, create, create_web, page_of

pytestmark = pytest.mark.django_db

WARNING = (
    "The system disk is replaced. All data on it is lost. The instance keeps its ID and IP address."
)


def reinstall(browser, instance, headers, image, /, **fields):
    data = {"image": image.image_id, "login": "password", "password": STRONG} | fields
    return browser.post(page_of(instance, "reinstall/"), data, headers=headers)


def test_the_dialog_warns_and_offers_images_in_the_region(client_for, account, headers):
    web = InstanceFactory.create(owner=account, system_disk_gb=40)
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(
        recipient=account, image__name="received", image__owner__name="security"
    )
    ImageFactory.create(name="of-a-stranger")

    dialog = client_for(account).get(page_of(web, "reinstall/"), headers=headers)

    assert WARNING in text_of(dialog)
    assert "System disk: 40 GB" in text_of(dialog)
    assert "Shared by security" in text_of(dialog)
    assert {image.name for image, _tab, _refusal in dialog.context["choices"]} == {
        "mine",
        "received",
    }
    assert ("<html" in dialog.content.decode()) == (not headers)


def test_the_current_image_is_selected_first(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)
    with_it = InstanceFactory.create(owner=account, image=image)
    without = InstanceFactory.create(owner=account, image_id="m-gone0000")

    page = browser.get(page_of(with_it, "reinstall/"))
    other = browser.get(page_of(without, "reinstall/"))

    assert get_values(page, "image", only="checked") == [image.image_id]
    assert page.context["tab"] == "custom"
    assert "Image not found" not in text_of(page)
    sentence = "Image long-ago is no longer available to your account. Select another image."
    assert sentence in text_of(other)


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_an_instance_is_reinstalled(client_for, account, headers, state):
    web = create_web(state, owner=account, keeps_image_login=True)
    image = PublicImageFactory.create(name="plain", os_name="CentOS", os_version="7.9")
    browser = client_for(account)

    response = reinstall(browser, web, headers, image)

    assert response.status_code == (204 if headers else 303)
    page = text_of(browser.get("/bj/instances/", headers=headers))
    assert "web is being reinstalled from plain." in page
    after = Instance.objects.get()
    assert (after.image_id, after.image_name, after.os) == (image.image_id, "plain", "CentOS 7.9")
    assert (after.status, after.image_type, after.keeps_image_login) == ("Running", "System", False)
    assert (after.instance_id, after.internal_ip) == (web.instance_id, web.internal_ip)


def test_a_reinstall_can_keep_the_login_of_the_image(client_for, account, headers):
    grant = ShareGrantFactory.create(recipient=account)
    web = InstanceFactory.create(owner=account)

    reinstall(client_for(account), web, headers, grant.image, login="image", password="")

    after = Instance.objects.get()
    assert (after.image_type, after.keeps_image_login) == ("Sharing", True)


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_a_weak_password_reinstalls_nothing(client_for, account, headers, password):
    web = InstanceFactory.create(owner=account)
    before = all_rows()

    response = reinstall(
        client_for(account), web, headers, PublicImageFactory.create(), password=password
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["password"]
    assert 'id="id_password_error"' in response.content.decode()
    assert all_rows() == before


@pytest.mark.parametrize(
    "case",
    [
        ({"image": ""}, "image", "Select an image."),
        ({"image": "m-00000000"}, "image", "Image not found."),
        ({"image": "m-strange0"}, "image", "Image not found."),
        ({"image": "m-faraway0"}, "image", "Image not found."),
        (
            {"image": "m-nightly0"},
            "image",
            "Only available images can be shared, copied or used.",
        ),
        (
            {"image": "m-toolarge"},
            "image",
            "This image needs a system disk of 41 to 2048 GB.",
        ),
        (
            {"login": "image"},
            "login",
            "Set a password. Only custom and shared images have a login to keep.",
        ),
        ({"login": ""}, "login", "Select an option."),
    ],
    ids=str,
)
def test_an_error_is_at_its_field(client_for, account, headers, case):
    fields, field, sentence = case
    web = InstanceFactory.create(owner=account, system_disk_gb=40)
    image = PublicImageFactory.create()
    ImageFactory.create(image_id="m-strange0")
    ImageFactory.create(image_id="m-faraway0", owner=account, region__code="gz")
    ImageFactory.create(image_id="m-nightly0", owner=account, creating=True)
    ImageFactory.create(image_id="m-toolarge", owner=account, min_disk_gb=41)
    before = all_rows()

    response = reinstall(client_for(account), web, headers, image, **fields)

    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    assert find_all(response, "div", id=f"id_{field}_error")
    assert find_all(response, "fieldset", aria_describedby=f"id_{field}_error")
    assert WARNING in text_of(response)
    if field != "image":
        assert get_values(response, "image", only="checked") == [image.image_id]
    assert ("<html" in response.content.decode()) == (not headers)
    assert all_rows() == before


def test_an_attempt_with_an_unshared_image_is_recorded(client_for, account, headers):
    grant = ShareGrantFactory.create(recipient=account)
    web = InstanceFactory.create(owner=account)
    grant.delete()
    browser = client_for(account)

    create(browser, headers, grant.image)
    reinstall(browser, web, headers, grant.image)

    attempts = AuditEvent.objects.filter(reason="no-such-image")
    assert {event.verb for event in attempts} == {"instance.created", "instance.reinstalled"}
    assert {event.detail["image"] for event in attempts} == {grant.image.image_id}
    assert {tuple(event.accounts) for event in attempts} == {(account.account_id,)}


def test_a_refused_reinstall_with_invalid_data_is_recorded(client_for, account, headers):
    web = InstanceFactory.create(owner=account, starting=True)
    data = {"image": "m-\0", "login": "password", "password": "Abcd1234!"}

    response = client_for(account).post(page_of(web, "reinstall/"), data, headers=headers)

    assert response.status_code == 422
    assert AuditEvent.objects.get().reason == "instance-not-settled"
