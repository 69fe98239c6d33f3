"""The page that creates instances."""

from __future__ import annotations

import logging
import re

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import text_of
from .instance_pages import BAD_PASSWORDS, STRONG, all_rows, create, names_on, order, page_of

pytestmark = pytest.mark.django_db


def test_one_instance_is_created(client_for, account, headers):
    image = PublicImageFactory.create(name="plain-ubuntu", min_disk_gb=30)
    browser = client_for(account)

    answer = create(browser, headers, image, spec="bcc.c5.c4m8")

    if headers:
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/bj/instances/")
    else:
        assert (answer.status_code, answer.url) == (303, "/bj/instances/")
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
    assert names_on(page) == ["web-1", "web-2", "web-3"]
    assert {row["instance"].system_disk_gb for row in page.context["rows"]} == {100}


def test_twenty_instances_are_the_most_at_once(client_for, account, headers):
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
def test_a_weak_password_is_refused_beside_its_field(client_for, account, headers, password):
    image = PublicImageFactory.create()

    answer = create(client_for(account), headers, image, password=password)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["password"]
    assert 'aria-describedby="id_password_helptext id_password_error"' in answer.content.decode()
    assert 'id="id_password_error"' in answer.content.decode()
    assert "8 to 16 characters, among them a letter, a digit and one of" in text_of(answer)
    assert not Instance.objects.exists()


@pytest.mark.parametrize("password", ["Passw0r!", "Passw0rd!Passw0r", "a1()*^%$#@!", "1111111a!"])
def test_a_password_by_the_rule_is_taken(client_for, account, headers, password):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, password=password)

    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    "case",
    [
        ({"image": ""}, "image", "Choose an image."),
        ({"image": "m-00000000"}, "image", "There is no such image."),
        ({"image": "' OR 1=1"}, "image", "There is no such image."),
        ({"login": "image"}, "login", "A public image has no login to keep"),
        ({"login": "none"}, "login", "Select a valid choice."),
        ({"system_disk_gb": "29"}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "2049"}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "9" * 40}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "0"}, "system_disk_gb", "greater than or equal to 1."),
        ({"system_disk_gb": "much"}, "system_disk_gb", "Enter a whole number."),
        ({"count": "0"}, "count", "greater than or equal to 1."),
        ({"count": "21"}, "count", "less than or equal to 20."),
        ({"count": "-1"}, "count", "greater than or equal to 1."),
        ({"count": "x"}, "count", "Enter a whole number."),
        ({"count": ""}, "count", "This field is required."),
        ({"count": "1.5"}, "count", "Enter a whole number."),
        ({"name": ""}, "name", "This field is required."),
        ({"name": "two words"}, "name", "This name does not follow the rule."),
        ({"name": "1st"}, "name", "This name does not follow the rule."),
        ({"name": "网"}, "name", "This name does not follow the rule."),
        ({"name": "w" * 66}, "name", "at most 65 characters"),
        ({"name": "w" * 64, "count": "2"}, "name", "With its number behind it"),
        ({"name": "w" * 63, "count": "10"}, "name", "With its number behind it"),
        ({"spec": "bcc.huge"}, "spec", "Select a valid choice."),
        ({"spec": ""}, "spec", "This field is required."),
    ],
    ids=str,
)
def test_a_refusal_stands_beside_its_field_with_all_that_was_typed(
    client_for, account, headers, case
):
    fields, field, sentence = case
    image = PublicImageFactory.create(min_disk_gb=30)
    typed = order(image, count="2", system_disk_gb="40") | fields

    answer = client_for(account).post("/bj/instances/create/", typed, headers=headers)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', html)
    for name in ("name", "count", "system_disk_gb"):
        assert form[name].value() == typed[name]
        if typed[name] and "'" not in typed[name]:
            assert f'value="{typed[name]}"' in html
    if field != "image":
        assert f'name="image" value="{image.image_id}" checked' in html
    assert ("<html" in html) == (not headers)
    assert STRONG not in html
    assert not Instance.objects.exists()


def test_a_name_and_its_number_have_65_characters(client_for, account, headers):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, name="w" * 63, count="9")

    assert {len(i.name) for i in Instance.objects.all()} == {65}


@pytest.mark.parametrize("whose", ["a strangers", "of another region", "unshared"])
def test_an_image_that_one_may_not_see_does_not_exist(client_for, account, headers, whose):
    RegionFactory.create()
    if whose == "of another region":
        image = ImageFactory.create(owner=account, region__code="gz")
    else:
        image = ImageFactory.create()
    if whose == "unshared":
        ShareGrantFactory.create(image=image, recipient=account).delete()
    browser = client_for(account)

    answer, unknown = (
        create(browser, headers, image=image_id) for image_id in (image.image_id, "m-00000000")
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"image": ["There is no such image."]}
    assert text_of(answer) == text_of(unknown)
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "state",
    [{"creating": True}, {"copying": True}, {"settled_status": Image.Status.ERROR}],
    ids=["creating", "copying", "error"],
)
def test_an_image_that_is_not_available_is_shown_and_refused(client_for, account, headers, state):
    image = ImageFactory.create(owner=account, name="nightly", **state)
    browser = client_for(account)

    page = browser.get(f"/bj/instances/create/?image={image.image_id}", headers=headers)
    answer = create(browser, headers, image)

    assert f'value="{image.image_id}" disabled' in page.content.decode()
    assert image.status_label in text_of(page)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["image"]
    assert "Only an available image can be shared, copied or used." in text_of(answer)
    assert not Instance.objects.exists()
    assert AuditEvent.objects.get().reason == "image-not-available"


def test_the_twenty_are_created_all_or_none(client_for, account, headers):
    image = PublicImageFactory.create()

    answer = create(client_for(account), headers, image, name="w" * 63, count="20")

    assert answer.status_code == 422
    assert not Instance.objects.exists()
    assert {event.outcome for event in AuditEvent.objects.all()} == {"refused"}


@pytest.mark.parametrize("password", ["Secr3t-but-wrong", "S3cret!ok"])
def test_a_password_stays_nowhere(client_for, account, headers, caplog, password):
    caplog.set_level(logging.DEBUG)
    image = PublicImageFactory.create()
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)
    typed = order(image, password=password)

    answers = [
        browser.post("/bj/instances/create/", typed, headers=headers),
        browser.post("/bj/instances/create/", typed | {"name": "two words"}, headers=headers),
        browser.post(page_of(web, "reinstall/"), typed, headers=headers),
        browser.post(page_of(web, "reinstall/"), typed | {"image": ""}, headers=headers),
        browser.get("/bj/instances/"),
        browser.get(page_of(web)),
    ]

    for answer in answers:
        assert password not in answer.content.decode()
        assert password not in str(answer.headers)
    assert password not in caplog.text
    assert password not in str(list(AuditEvent.objects.values()))
    assert password not in str(all_rows())


def test_without_javascript_one_is_told_to_enter_the_password_again(client_for, account, htmx):
    image = PublicImageFactory.create()
    browser = client_for(account)

    plain = create(browser, {}, image, name="two words")
    with_htmx = create(browser, htmx, image, name="two words")

    assert "Enter the password again." in text_of(plain)
    assert "Enter the password again." not in text_of(with_htmx)
    assert 'hx-preserve="true"' in with_htmx.content.decode()


def test_images_to_choose_from_are_those_one_may_use_here(client_for, account, headers):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    grant = ShareGrantFactory.create(
        recipient=account, image__name="given", image__owner__name="security"
    )
    ShareGrantFactory.create(
        recipient=account, image__name="given-elsewhere", image__region__code="gz"
    )
    ShareGrantFactory.create(image__name="given-to-another")
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/create/", headers=headers)

    choices = {(image.name, tab.value) for image, tab, _refusal in page.context["choices"]}
    assert choices == {("mine", "custom"), ("given", "shared"), ("for-all", "public")}
    assert [(tab.value, number) for tab, number in page.context["tabs"]] == [
        ("public", 1),
        ("custom", 1),
        ("shared", 1),
    ]
    assert f"from security{grant.owner.account_id}" in text_of(page)
    assert text_of(page).count("from security") == 1
    for name in ("elsewhere", "given-to-another", "of-a-stranger"):
        assert name not in text_of(page)


def test_kinds_without_an_image_say_so(client_for, account):
    RegionFactory.create()

    page = text_of(client_for(account).get("/bj/instances/create/"))

    assert "There are no public images in this region." in page
    assert "You have no custom images in this region." in page
    assert "No image is shared with you in this region." in page


@pytest.mark.parametrize("kind", ["public", "custom", "shared"])
def test_an_image_in_the_address_is_chosen_already(client_for, account, headers, kind):
    images = {
        "public": PublicImageFactory.create(),
        "custom": ImageFactory.create(owner=account),
        "shared": ShareGrantFactory.create(recipient=account).image,
    }
    image_id = images[kind].image_id

    page = client_for(account).get(f"/bj/instances/create/?image={image_id}", headers=headers)

    html = page.content.decode()
    assert re.findall(r'name="image" value="([^"]+)" checked', html) == [image_id]
    assert re.findall(r'name="type" value="([^"]+)" checked', html) == [kind]
    assert "There is no such image" not in text_of(page)


def test_an_unknown_image_in_the_address_is_told(client_for, account, headers):
    of_a_stranger = ImageFactory.create(name="theirs")
    browser = client_for(account)

    for image_id in (of_a_stranger.image_id, "m-00000000", "x"):
        page = browser.get(f"/bj/instances/create/?image={image_id}", headers=headers)
        assert page.status_code == 200
        assert "There is no such image. Choose another one." in text_of(page)
        assert not re.findall(r'name="image" value="([^"]+)" checked', page.content.decode())
        assert "theirs" not in text_of(page)


def test_an_image_that_is_not_available_yet_is_said_to_be_so(client_for, account):
    image = ImageFactory.create(owner=account, creating=True)

    page = client_for(account).get(f"/bj/instances/create/?image={image.image_id}")

    sentence = "Only an available image can be shared, copied or used. Choose another one."
    assert sentence in text_of(page)


def test_nothing_is_chosen_or_missed_at_first(client_for, account):
    PublicImageFactory.create()

    page = client_for(account).get("/bj/instances/create/")

    assert "There is no such image" not in text_of(page)
    assert not re.findall(r'name="image" value="([^"]+)" checked', page.content.decode())
    assert re.findall(r'name="login" value="([^"]+)" checked', page.content.decode()) == [
        "password"
    ]


def test_the_chosen_kind_survives_a_refusal(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    answer = create(browser, {}, type="shared")
    asked = browser.get("/bj/instances/create/?type=custom")
    nonsense = browser.get("/bj/instances/create/?type=mine")

    assert answer.context["tab"] == "shared"
    assert asked.context["tab"] == "custom"
    assert nonsense.context["tab"] == "public"


def test_an_unknown_region_has_no_create_page(client_for, account, headers):
    RegionFactory.create()
    browser = client_for(account)

    assert browser.get("/xx/instances/create/", headers=headers).status_code == 404
    assert browser.post("/xx/instances/create/", order(), headers=headers).status_code == 404
    assert browser.get("/xx/instances/", headers=headers).status_code == 404
