"""The Create instance page."""

from __future__ import annotations

import logging

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance

from ...dom import find_all, get_descriptions, get_values
from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import text_of
from .instance_pages import (
    BAD_PASSWORDS,
    STRONG,
    all_rows,
    create,
    fill_form,
    get_names,
    page_of,
)

pytestmark = pytest.mark.django_db

PASSWORD_RULE = (
    "8–16 characters, with at least one letter, one digit and one of ! @ # $ % ^ * ( ). "
    "No other characters."
)


def test_one_instance_is_created(client_for, account, headers):
    image = PublicImageFactory.create(name="plain-ubuntu", min_disk_gb=30)
    browser = client_for(account)

    response = create(browser, headers, image, spec="bcc.c5.c4m8")

    if headers:
        assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/bj/instances/")
    else:
        assert (response.status_code, response.url) == (303, "/bj/instances/")
    page = browser.get("/bj/instances/")
    assert "web is starting." in text_of(page)
    web = Instance.objects.get()
    assert (web.name, web.owner, web.region_id) == ("web", account, "bj")
    assert (web.spec, web.cpu_count, web.memory_gb, web.system_disk_gb) == ("bcc.c5.c4m8", 4, 8, 30)
    assert (web.image_id, web.image_type, web.os) == (image.image_id, "System", "Ubuntu 22.04 LTS")
    assert not web.keeps_image_login


def test_several_instances_are_numbered(client_for, account, headers):
    image = PublicImageFactory.create()
    browser = client_for(account)

    create(browser, headers, image, count="3", system_disk_gb="100")

    page = browser.get("/bj/instances/")
    assert "web-1 – web-3 are starting." in text_of(page)
    assert get_names(page) == ["web-1", "web-2", "web-3"]
    assert {row["instance"].system_disk_gb for row in page.context["rows"]} == {100}


def test_twenty_instances_can_be_created_at_once(client_for, account, headers):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, count="20")

    assert Instance.objects.owned_by(account).count() == 20


@pytest.mark.parametrize("kind", ["custom", "shared"])
def test_a_custom_or_shared_image_can_keep_its_login(client_for, account, headers, kind):
    image = ImageFactory.create(**({"owner": account} if kind == "custom" else {}))
    if kind == "shared":
        ShareGrantFactory.create(image=image, recipient=account)

    create(client_for(account), headers, image, login="image", password="")

    web = Instance.objects.get()
    assert web.keeps_image_login
    assert web.image_type == ("Custom" if kind == "custom" else "Sharing")


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_a_weak_password_shows_an_error_at_its_field(client_for, account, headers, password):
    image = PublicImageFactory.create()

    response = create(client_for(account), headers, image, password=password)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["password"]
    descriptions = "id_password_helptext id_password_error"
    assert find_all(response, "input", name="password", aria_describedby=descriptions)
    assert find_all(response, "div", id="id_password_error")
    assert PASSWORD_RULE in text_of(response)
    assert not Instance.objects.exists()


@pytest.mark.parametrize("password", ["Passw0r!", "Passw0rd!Passw0r", "a1()*^%$#@!", "1111111a!"])
def test_a_password_that_follows_the_rule_is_accepted(client_for, account, headers, password):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, password=password)

    assert Instance.objects.count() == 1


DISK_RULE = "This image needs a system disk of 30 to 2048 GB."
NUMBERED_NAME_TOO_LONG = "Shorten the name. With its number, it exceeds 65 characters."


@pytest.mark.parametrize(
    "case",
    [
        ({"image": ""}, "image", "Select an image."),
        ({"image": "m-00000000"}, "image", "Image not found."),
        ({"image": "' OR 1=1"}, "image", "Image not found."),
        (
            {"login": "image"},
            "login",
            "Set a password. Only custom and shared images have a login to keep.",
        ),
        ({"login": "none"}, "login", "Select an option from the list."),
        ({"system_disk_gb": "29"}, "system_disk_gb", DISK_RULE),
        ({"system_disk_gb": "2049"}, "system_disk_gb", DISK_RULE),
        ({"system_disk_gb": "9" * 40}, "system_disk_gb", DISK_RULE),
        ({"system_disk_gb": "0"}, "system_disk_gb", "Enter 1 or more."),
        ({"system_disk_gb": "much"}, "system_disk_gb", "Enter a whole number, such as 3."),
        ({"count": "0"}, "count", "Enter 1 or more."),
        ({"count": "21"}, "count", "Enter 20 or less."),
        ({"count": "-1"}, "count", "Enter 1 or more."),
        ({"count": "x"}, "count", "Enter a whole number, such as 3."),
        ({"count": ""}, "count", "Enter how many instances to create."),
        ({"count": "1.5"}, "count", "Enter a whole number, such as 3."),
        ({"name": ""}, "name", "Enter a name."),
        ({"name": "two words"}, "name", "Enter a name that follows the rule above."),
        ({"name": "1st"}, "name", "Enter a name that follows the rule above."),
        ({"name": "网"}, "name", "Enter a name that follows the rule above."),
        ({"name": "w" * 66}, "name", "at most 65 characters"),
        ({"name": "w" * 64, "count": "2"}, "name", NUMBERED_NAME_TOO_LONG),
        ({"name": "w" * 63, "count": "10"}, "name", NUMBERED_NAME_TOO_LONG),
        ({"spec": "bcc.huge"}, "spec", "Select an option from the list."),
        ({"spec": ""}, "spec", "Select an option."),
    ],
    ids=str,
)
def test_an_error_is_at_its_field_and_keeps_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    image = PublicImageFactory.create(min_disk_gb=30)
    data = fill_form(image, count="2", system_disk_gb="40") | fields

    response = client_for(account).post("/bj/instances/create/", data, headers=headers)

    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    assert find_all(response, "div", id=f"id_{field}_error")
    assert f"id_{field}_error" in get_descriptions(response)
    for name in ("name", "count", "system_disk_gb"):
        assert form[name].value() == data[name]
        if data[name]:
            assert get_values(response, name) == [data[name]]
    if field != "image":
        assert get_values(response, "image", only="checked") == [image.image_id]
    assert ("<html" in response.content.decode()) == (not headers)
    assert STRONG not in response.content.decode()
    assert not Instance.objects.exists()


def test_a_name_with_its_number_can_have_65_characters(client_for, account, headers):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, name="w" * 63, count="9")

    assert {len(instance.name) for instance in Instance.objects.all()} == {65}


@pytest.mark.parametrize("whose", ["of a stranger", "of another region", "unshared"])
def test_a_hidden_image_is_not_found(client_for, account, headers, whose):
    RegionFactory.create()
    if whose == "of another region":
        image = ImageFactory.create(owner=account, region__code="gz")
    else:
        image = ImageFactory.create()
    if whose == "unshared":
        ShareGrantFactory.create(image=image, recipient=account).delete()
    browser = client_for(account)

    response, unknown = (
        create(browser, headers, image=image_id) for image_id in (image.image_id, "m-00000000")
    )

    assert response.status_code == 422
    assert response.context["form"].errors == {"image": ["Image not found."]}
    assert text_of(response) == text_of(unknown)
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "state",
    [{"creating": True}, {"copying": True}, {"settled_status": Image.Status.ERROR}],
    ids=["creating", "copying", "error"],
)
def test_an_unavailable_image_is_disabled_and_refused(client_for, account, headers, state):
    image = ImageFactory.create(owner=account, name="nightly", **state)
    browser = client_for(account)

    page = browser.get(f"/bj/instances/create/?image={image.image_id}", headers=headers)
    response = create(browser, headers, image)

    assert get_values(page, "image", only="disabled") == [image.image_id]
    assert image.status_label in text_of(page)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["image"]
    assert "Only available images can be shared, copied or used." in text_of(response)
    assert not Instance.objects.exists()
    assert AuditEvent.objects.get().reason == "image-not-available"


def test_either_all_twenty_instances_are_created_or_none(client_for, account, headers):
    image = PublicImageFactory.create()

    response = create(client_for(account), headers, image, name="w" * 63, count="20")

    assert response.status_code == 422
    assert not Instance.objects.exists()
    assert {event.outcome for event in AuditEvent.objects.all()} == {"refused"}


@pytest.mark.parametrize("password", ["Secr3t-but-wrong", "S3cret!ok"])
def test_a_password_is_stored_and_logged_nowhere(client_for, account, headers, caplog, password):
    caplog.set_level(logging.DEBUG)
    image = PublicImageFactory.create()
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)
    data = fill_form(image, password=password)

    responses = [
        browser.post("/bj/instances/create/", data, headers=headers),
        browser.post("/bj/instances/create/", data | {"name": "two words"}, headers=headers),
        browser.post(page_of(web, "reinstall/"), data, headers=headers),
        browser.post(page_of(web, "reinstall/"), data | {"image": ""}, headers=headers),
        browser.get("/bj/instances/"),
        browser.get(page_of(web)),
    ]

    for response in responses:
        assert password not in response.content.decode()
        assert password not in str(response.headers)
    assert password not in caplog.text
    assert password not in str(list(AuditEvent.objects.values()))
    assert password not in str(all_rows())


def test_without_javascript_the_password_must_be_entered_again(client_for, account, htmx):
    image = PublicImageFactory.create()
    browser = client_for(account)

    plain = create(browser, {}, image, name="two words")
    with_htmx = create(browser, htmx, image, name="two words")

    assert "Enter the password again." in text_of(plain)
    assert "Enter the password again." not in text_of(with_htmx)
    assert find_all(with_htmx, "input", name="password", hx_preserve="true")


def test_the_page_offers_the_images_the_account_can_use_in_the_region(client_for, account, headers):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    grant = ShareGrantFactory.create(
        recipient=account, image__name="received", image__owner__name="security"
    )
    ShareGrantFactory.create(
        recipient=account, image__name="received-elsewhere", image__region__code="gz"
    )
    ShareGrantFactory.create(image__name="shared-with-another")
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/create/", headers=headers)

    choices = {(image.name, tab.value) for image, tab, _refusal in page.context["choices"]}
    assert choices == {("mine", "custom"), ("received", "shared"), ("for-all", "public")}
    assert [(tab.value, number) for tab, number in page.context["tabs"]] == [
        ("public", 1),
        ("custom", 1),
        ("shared", 1),
    ]
    assert f"Shared by security {grant.owner.account_id}" in text_of(page)
    assert text_of(page).count("Shared by security") == 1
    for name in ("elsewhere", "shared-with-another", "of-a-stranger"):
        assert name not in text_of(page)


def test_an_image_type_without_images_says_so(client_for, account):
    RegionFactory.create()

    page = text_of(client_for(account).get("/bj/instances/create/"))

    assert "There are no public images in this region." in page
    assert "You have no custom images in this region." in page
    assert "No images are shared with you in this region." in page


@pytest.mark.parametrize("kind", ["public", "custom", "shared"])
def test_an_image_in_the_url_is_selected(client_for, account, headers, kind):
    images = {
        "public": PublicImageFactory.create(),
        "custom": ImageFactory.create(owner=account),
        "shared": ShareGrantFactory.create(recipient=account).image,
    }
    image_id = images[kind].image_id

    page = client_for(account).get(f"/bj/instances/create/?image={image_id}", headers=headers)

    assert get_values(page, "image", only="checked") == [image_id]
    assert get_values(page, "type", only="checked") == [kind]
    assert "Image not found" not in text_of(page)


def test_an_unknown_image_in_the_url_shows_an_error(client_for, account, headers):
    of_a_stranger = ImageFactory.create(name="theirs")
    browser = client_for(account)

    for image_id in (of_a_stranger.image_id, "m-00000000", "x"):
        page = browser.get(f"/bj/instances/create/?image={image_id}", headers=headers)
        assert page.status_code == 200
        assert "Image not found. Select another image." in text_of(page)
        assert not get_values(page, "image", only="checked")
        assert "theirs" not in text_of(page)


def test_an_unavailable_image_in_the_url_shows_an_error(client_for, account):
    image = ImageFactory.create(owner=account, creating=True)

    page = client_for(account).get(f"/bj/instances/create/?image={image.image_id}")

    sentence = "Only available images can be shared, copied or used. Select another image."
    assert sentence in text_of(page)


def test_no_image_is_selected_at_first(client_for, account):
    PublicImageFactory.create()

    page = client_for(account).get("/bj/instances/create/")

    assert "Image not found" not in text_of(page)
    assert not get_values(page, "image", only="checked")
    assert get_values(page, "login", only="checked") == ["password"]


def test_the_selected_image_type_is_kept_after_an_error(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    response = create(browser, {}, type="shared")
    requested = browser.get("/bj/instances/create/?type=custom")
    invalid = browser.get("/bj/instances/create/?type=mine")

    assert response.context["tab"] == "shared"
    assert requested.context["tab"] == "custom"
    assert invalid.context["tab"] == "public"


def test_an_unknown_region_has_no_create_page(client_for, account, headers):
    RegionFactory.create()
    browser = client_for(account)

    assert browser.get("/xx/instances/create/", headers=headers).status_code == 404
    assert browser.post("/xx/instances/create/", fill_form(), headers=headers).status_code == 404
    assert browser.get("/xx/instances/", headers=headers).status_code == 404
