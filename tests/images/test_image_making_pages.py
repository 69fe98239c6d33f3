"""Making a custom image of an instance and copying one, as a person does it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import NAME_PATTERN, NAME_PATTERN_HTML, Image, Instance

from ..factories import (
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RULE = "1 to 65 characters: a letter first, then letters, digits, Chinese characters or - _ / ."


@pytest.fixture
def clock(settings, time_machine):
    """A clock that stands still unless it is moved; making and copying take 100 seconds."""
    settings.IMAGE_CREATE_SECONDS = settings.IMAGE_COPY_SECONDS = 100
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def regions(db):
    RegionFactory.create(code="bj", name_en="Beijing")
    RegionFactory.create(code="gz", name_en="Guangzhou")
    RegionFactory.create(code="su", name_en="Suzhou")


def make(browser, headers, instance, /, **fields):
    typed = {"instance": instance.instance_id, "name": "golden", "desc": "Hardened"} | fields
    return browser.post("/bj/images/create/", typed, headers=headers)


def copy(browser, headers, image, /, **fields):
    typed = {"regions": ["gz"], "name": "golden"} | fields
    return browser.post(page_of(image, "copy/"), typed, headers=headers)


def all_rows():
    return [list(model.objects.order_by("pk").values()) for model in (Image, Instance)]


# Create Custom Image


def test_the_dialog_offers_the_accounts_own_instances_of_the_region(client_for, account, headers):
    InstanceFactory.create(owner=account, name="web")
    InstanceFactory.create(owner=account, name="db", stopped=True)
    InstanceFactory.create(owner=account, name="given-up", released_at=NOON)
    InstanceFactory.create(owner=account, name="far-away", region__code="gz")
    InstanceFactory.create(name="of-a-stranger")
    ImageFactory.create_batch(7, owner=account)

    dialog = client_for(account).get("/bj/images/create/", headers=headers)

    assert dialog.status_code == 200
    assert {instance.name for instance, _refusal in dialog.context["choices"]} == {"web", "db"}
    for name in ("given-up", "far-away", "of-a-stranger"):
        assert name not in text_of(dialog)
    assert RULE in text_of(dialog)
    assert "7 of 20 custom images in Beijing" in text_of(dialog)
    assert ("<html" in dialog.content.decode()) == (not headers)


@pytest.mark.parametrize("state", ["starting", "stopping", "image_processing", "expired"])
def test_an_instance_that_is_neither_running_nor_stopped_is_not_to_be_chosen(
    client_for, account, headers, state
):
    web = InstanceFactory.create(owner=account, **{state: True})

    dialog = client_for(account).get(
        f"/bj/images/create/?instance={web.instance_id}", headers=headers
    )

    assert f'value="{web.instance_id}" disabled' in dialog.content.decode()
    assert web.status_label in text_of(dialog)


def test_without_an_instance_the_dialog_leads_to_one(client_for, account, headers):

    dialog = client_for(account).get("/bj/images/create/", headers=headers)

    assert "You have no instance in Beijing." in text_of(dialog)
    assert 'href="/bj/instances/create/"' in dialog.content.decode()
    assert ">OK</button>" not in dialog.content.decode()


def test_the_way_from_an_instance_has_chosen_it(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    InstanceFactory.create(owner=account)
    browser = client_for(account)
    address = f"/bj/images/create/?instance={web.instance_id}"

    dialog = browser.get(address, headers=headers)

    assert f'href="{address}"' in browser.get(web.get_absolute_url()).content.decode()
    assert re.findall(r'value="([^"]+)" checked', dialog.content.decode()) == [web.instance_id]


@pytest.mark.parametrize("state", [{}, {"stopped": True}], ids=["running", "stopped"])
def test_a_custom_image_is_made_of_an_instance(client_for, account, headers, state):
    web = InstanceFactory.create(owner=account, system_disk_gb=55, **state)
    browser = client_for(account)

    answer = make(browser, headers, web)

    assert answer.status_code == (204 if headers else 303)
    if headers:
        assert '"images:changed"' in answer.headers["HX-Trigger"]
        assert '"dialog:close"' in answer.headers["HX-Trigger"]
    else:
        assert answer.url == "/bj/images/"
    page = text_of(browser.get("/bj/images/", headers=headers))
    assert "golden is being made." in page
    golden = Image.objects.get()
    assert (golden.name, golden.desc, golden.owner) == ("golden", "Hardened", account)
    assert (golden.type, golden.region_id, golden.size_gb) == ("Custom", "bj", 55)
    page = text_of(browser.get(page_of(golden)))
    assert f"Made from{web.instance_id}" in page
    assert Instance.objects.get().status == web.status


def test_while_an_image_is_made_both_pages_tell_how_far_it_is(client_for, account, clock):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    make(browser, {}, web)
    clock.shift(timedelta(seconds=25))

    golden = Image.objects.get()
    page = browser.get("/bj/images/").content.decode()
    assert 'max="100" value="25" aria-label="golden: Creating"' in page
    assert f'hx-get="/bj/images/progress/?id={golden.image_id}"' in page
    assert "1 of 20 custom images in Beijing" in text_of(browser.get("/bj/images/"))
    page = browser.get("/bj/instances/")
    assert "Image being made" in text_of(page)
    assert f'hx-get="/bj/instances/progress/?id={web.instance_id}"' in page.content.decode()

    clock.shift(timedelta(seconds=75))
    for path in ("/bj/images/", "/bj/instances/", page_of(golden)):
        page = browser.get(path).content.decode()
        assert "<progress" not in page
        assert "every 2s" not in page


@pytest.mark.parametrize(
    "case",
    [
        ({"instance": ""}, "instance", "Choose the instance to make an image of."),
        ({"instance": "i-00000000"}, "instance", "There is no such instance."),
        ({"instance": "i-strange0"}, "instance", "There is no such instance."),
        ({"instance": "i-faraway0"}, "instance", "There is no such instance."),
        ({"instance": "i-givenup0"}, "instance", "There is no such instance."),
        ({"instance": "i-starting"}, "instance", "Only a running or stopped instance can be"),
        ({"name": ""}, "name", "This field is required."),
        ({"name": "two words"}, "name", "This name does not follow the rule."),
        ({"name": "1st"}, "name", "This name does not follow the rule."),
        ({"name": "g" * 66}, "name", "at most 65 characters"),
        ({"desc": "d" * 251}, "desc", "at most 250 characters"),
    ],
    ids=str,
)
def test_a_refused_image_comes_back_with_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    web = InstanceFactory.create(owner=account)
    InstanceFactory.create(instance_id="i-strange0")
    InstanceFactory.create(instance_id="i-faraway0", owner=account, region__code="gz")
    InstanceFactory.create(instance_id="i-givenup0", owner=account, released_at=NOON)
    InstanceFactory.create(instance_id="i-starting", owner=account, starting=True)
    before = all_rows()

    answer = make(client_for(account), headers, web, **fields)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', html)
    assert form["name"].value() == fields.get("name", "golden")
    assert form["desc"].value() == fields.get("desc", "Hardened")
    if field != "instance":
        assert f'value="{web.instance_id}" checked' in html
    assert RULE in text_of(answer)
    assert ("<html" in html) == (not headers)
    assert all_rows() == before


def test_the_twenty_first_image_is_refused_in_the_form(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    ImageFactory.create_batch(19, owner=account)
    ImageFactory.create(owner=account, creating=True)
    before = all_rows()

    answer = make(client_for(account), headers, web)

    assert answer.status_code == 422
    assert "platform has 20 of 20 custom images in Beijing; no more fit." in text_of(answer)
    assert "20 of 20 custom images in Beijing" in text_of(answer)
    assert f'value="{web.instance_id}" checked' in answer.content.decode()
    assert answer.context["form"]["name"].value() == "golden"
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.reason) == ("refused", "custom-image-quota")


def test_the_list_has_the_button_where_custom_images_are(client_for, account):
    browser = client_for(account)

    pages = {
        tab: browser.get(f"/bj/images/?type={tab}").content.decode()
        for tab in ("custom", "shared", "public")
    }

    assert pages["custom"].count('hx-get="/bj/images/create/"') == 2  # and in the empty list
    assert "/bj/images/create/" not in pages["shared"]
    assert "/bj/images/create/" not in pages["public"]


# What cannot be done with an image until it is there

NOT_YET = "Only an available image can be shared, copied or used."
REFUSED = [
    ("creating", "share/", NOT_YET),
    ("creating", "copy/", NOT_YET),
    ("creating", "delete/", "An image that is being created cannot be deleted."),
    ("creating", "cancel/", "This image is not being copied any more."),
    ("copying", "share/", NOT_YET),
    ("copying", "copy/", NOT_YET),
    ("copying", "delete/", "An image that is being copied cannot be deleted."),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_an_image_in_the_making_is_left_alone(client_for, account, headers, case):
    state, dialog, sentence = case
    image = ImageFactory.create(owner=account, **{state: True})
    recipient = AccountFactory.create()
    typed = {
        "accounts": recipient.name,
        "acknowledged": "on",
        "regions": ["gz"],
        "name": "golden",
    }
    browser, before = client_for(account), all_rows()

    for path in ("/bj/images/", page_of(image)):
        page = browser.get(path, headers=headers)
        assert f'href="{page_of(image, dialog)}"' not in page.content.decode()
        assert dialog == "cancel/" or sentence in text_of(page)
    asked = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), typed, headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    assert sentence in text_of(asked)
    assert sentence in text_of(forced)
    assert all_rows() == before
    assert not image.grants.exists()
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)


def image_progress(browser, *image_ids, region="bj"):
    return browser.get(f"/{region}/images/progress/", {"id": image_ids})


def test_progress_answers_what_is_still_being_made(client_for, account):
    making = ImageFactory.create(owner=account, creating=True)
    there = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    moving = image_progress(browser, making.image_id)
    settled = image_progress(browser, making.image_id, there.image_id)

    assert "HX-Trigger" not in moving.headers
    assert f'id="status-{making.image_id}" hx-swap-oob="true"' in moving.content.decode()
    assert "Creating" in text_of(moving)
    assert f'hx-get="/bj/images/progress/?id={making.image_id}"' in moving.content.decode()
    assert settled.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert "golden: Available." in text_of(settled)
    assert f'hx-get="/bj/images/progress/?id={making.image_id}"' in settled.content.decode()


@pytest.mark.parametrize("whose", ["a strangers", "of another region", "nobodys"])
def test_progress_of_what_is_not_there_is_the_same_as_of_nothing(client_for, account, whose):
    fields = {
        "a strangers": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "nobodys": {"image_id": "m-11111111"},
    }[whose]
    hidden = ImageFactory.create(copying=True, **fields)
    browser = client_for(account)

    answer, nothing = (image_progress(browser, each) for each in (hidden.image_id, "m-00000000"))

    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == '{"images:changed": {}}'
    assert answer.content == nothing.content
    assert text_of(answer).strip() == ""


# Copy to region


def test_the_copy_dialog_offers_the_other_regions(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(3, owner=account, region__code="gz")

    dialog = client_for(account).get(page_of(image, "copy/"), headers=headers)

    html = dialog.content.decode()
    assert dialog.status_code == 200
    offered = re.findall(r'name="regions" value="([^"]+)"', html)
    assert {"gz", "su"} <= set(offered)
    assert "bj" not in offered
    assert "Guangzhougz3 of 20 used" in text_of(dialog)
    assert "Suzhousu0 of 20 used" in text_of(dialog)
    assert 'name="name" value="golden"' in html
    assert RULE in text_of(dialog)
    assert ("<html" in html) == (not headers)


def test_an_image_is_copied_to_every_chosen_region(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", desc="Hardened")
    browser = client_for(account)

    answer = copy(browser, headers, image, regions=["gz", "su"], name="golden-2")

    assert answer.status_code == (204 if headers else 303)
    page = text_of(browser.get("/bj/images/", headers=headers))
    assert "golden is being copied to Guangzhou, Suzhou." in page
    for region in ("gz", "su"):
        page = browser.get(f"/{region}/images/", headers=headers)
        assert [row["image"].name for row in page.context["rows"]] == ["golden-2"]
        there = Image.objects.get(region=region)
        assert (there.owner, there.desc, there.source) == (account, "Hardened", image.image_id)
        assert there.image_id != image.image_id


def test_a_copy_on_its_way_shows_how_far_it_is_and_can_be_cancelled(client_for, account, clock):
    image = ImageFactory.create(owner=account, name="golden")
    browser = client_for(account)

    copy(browser, {}, image)
    clock.shift(timedelta(seconds=40))

    there = Image.objects.get(region="gz")
    for path in ("/gz/images/", page_of(there)):
        page = browser.get(path).content.decode()
        assert 'max="100" value="40" aria-label="golden: Copying"' in page
        assert f'hx-get="/gz/images/progress/?id={there.image_id}"' in page
        assert f'href="{page_of(there, "cancel/")}"' in page
    assert "/cancel/" not in browser.get("/bj/images/").content.decode()
    assert "every 2s" not in browser.get("/bj/images/").content.decode()

    clock.shift(timedelta(seconds=60))
    page = browser.get("/gz/images/").content.decode()
    assert "<progress" not in page
    assert "every 2s" not in page
    assert "/cancel/" not in page


@pytest.mark.parametrize(
    "case",
    [
        ({"regions": []}, "regions", "Choose at least one region."),
        ({"regions": ["xx"]}, "regions", "There is no region xx."),
        ({"regions": ["gz", "xx"]}, "regions", "There is no region xx."),
        ({"regions": ["a\0b"]}, "regions", "There is no region"),
        ({"regions": ["bj"]}, "regions", "Choose regions other than Beijing"),
        ({"regions": ["gz", "bj"]}, "regions", "Choose regions other than Beijing"),
        ({"regions": ["su"]}, "regions", "platform has 20 of 20 custom images in Suzhou"),
        ({"regions": ["gz", "su"]}, "regions", "platform has 20 of 20 custom images in Suzhou"),
        ({"name": ""}, "name", "This field is required."),
        ({"name": "two words"}, "name", "This name does not follow the rule."),
        ({"name": "g" * 66}, "name", "at most 65 characters"),
    ],
    ids=str,
)
def test_a_refused_copy_comes_back_with_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    image = ImageFactory.create(owner=account, name="golden")
    ImageFactory.create_batch(20, owner=account, region__code="su")
    before = all_rows()

    answer = copy(client_for(account), headers, image, **fields)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', html)
    assert form["name"].value() == fields.get("name", "golden")
    ticked = set(fields.get("regions", ["gz"])) & {"gz", "su"}
    assert set(re.findall(r'name="regions" value="([^"]+)" checked', html)) == ticked
    assert ("<html" in html) == (not headers)
    assert all_rows() == before


# Cancel the copy


def test_a_copy_is_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account, name="golden", region__code="gz", copying=True)
    browser = client_for(account)

    dialog = browser.get(page_of(image, "cancel/"), headers=headers)
    assert dialog.status_code == 200
    assert "This copy is given up and no longer counts." in text_of(dialog)
    assert Image.objects.get() == image
    answer = browser.post(page_of(image, "cancel/"), headers=headers)

    assert answer.status_code == (204 if headers else 303)
    page = text_of(browser.get("/gz/images/", headers=headers))
    assert "The copy golden was cancelled." in page
    assert "0 of 20 custom images in Guangzhou" in page
    assert not Image.objects.exists()


def test_cancelling_from_its_own_page_leads_to_the_list(client_for, account, htmx):
    image = ImageFactory.create(owner=account, region__code="gz", copying=True)
    here = {"HX-Current-URL": f"http://testserver{page_of(image)}"}

    answer = client_for(account).post(page_of(image, "cancel/"), headers=htmx | here)

    assert answer.headers["HX-Redirect"] == "/gz/images/"


def test_a_copy_that_has_arrived_is_not_cancelled(client_for, account, headers):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    asked = browser.get(page_of(image, "cancel/"), headers=headers)
    forced = browser.post(page_of(image, "cancel/"), headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    for answer in (asked, forced):
        assert "This image is not being copied any more." in text_of(answer)
    assert Image.objects.get() == image
    assert AuditEvent.objects.get().reason == "image-is-not-being-copied"


# Images of others

TYPED = {"regions": ["gz"], "name": "mine"}


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("kind", ["received", "public"])
def test_copying_an_image_of_others_is_refused_and_recorded_once(client_for, headers, dialog, kind):
    grant = ShareGrantFactory.create()
    image = grant.image if kind == "received" else PublicImageFactory.create()
    browser, before = client_for(grant.recipient), all_rows()

    asked = browser.get(page_of(image, dialog), headers=headers)
    assert not AuditEvent.objects.exists()
    forced = browser.post(page_of(image, dialog), TYPED, headers=headers)

    assert (asked.status_code, forced.status_code) == (403, 403)
    sentence = "Only its owner" if kind == "received" else "Only custom images"
    assert sentence in text_of(asked)
    assert sentence in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", image.image_id)
    assert event.actor_account == grant.recipient.name
    assert event.verb == ("image.copied" if dialog == "copy/" else "image.copy-cancelled")


@pytest.mark.parametrize("dialog", ["copy/", "cancel/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_strangers_image_is_a_missing_image(client_for, account, headers, dialog, method):
    image = ImageFactory.create(copying=True)
    browser = client_for(account)

    answers = [
        getattr(browser, method)(f"/bj/images/{image_id}/{dialog}", TYPED, headers=headers)
        for image_id in (image.image_id, "m-00000000")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    without_request_id = [re.sub(rb"[0-9a-f-]{36}", b"", a.content) for a in answers]
    assert without_request_id[0] == without_request_id[1]
    assert Image.objects.get() == image
    assert not AuditEvent.objects.exists()


def test_an_image_is_copied_from_its_own_region_only(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    answer = client_for(account).post(
        f"/gz/images/{image.image_id}/copy/", {"regions": ["su"], "name": "a"}, headers=headers
    )

    assert answer.status_code == 404
    assert Image.objects.get() == image


# What the other dialogs and pages tell about it


def test_the_share_dialog_tells_that_sharing_is_regional(client_for, headers):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(page_of(image, "share/"), headers=headers)

    assert "It is shared in Beijing only. Copy it to another region" in text_of(dialog)
    assert f'href="{page_of(image, "copy/")}"' in dialog.content.decode()


def test_copying_can_be_begun_from_the_toolbar(client_for, account, headers):
    image = ImageFactory.create(owner=account)

    dialog = client_for(account).get(
        "/bj/images/choose/",
        {"action": "copy", "image": image.image_id},
        headers=headers,
        follow=True,
    )

    assert dialog.redirect_chain == [(page_of(image, "copy/"), 302)]
    assert "Copy to region" in text_of(dialog)


def test_creating_an_instance_can_be_begun_from_an_image(client_for, account):
    own = ImageFactory.create(owner=account)
    given = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    browser = client_for(account)

    for image, tab in ((own, "custom"), (given, "shared"), (public, "public")):
        for path in (f"/bj/images/?type={tab}", page_of(image)):
            page = browser.get(path).content.decode()
            assert f'href="/bj/instances/create/?image={image.image_id}"' in page


def test_an_image_lists_the_readers_own_instances_made_from_it(client_for, headers):
    grant = ShareGrantFactory.create(image__name="golden")
    image = grant.image
    InstanceFactory.create(owner=image.owner, name="the-owners", image=image)
    InstanceFactory.create(owner=image.owner, name="given-up", image=image, released_at=NOON)
    InstanceFactory.create(owner=image.owner, name="of-another-image")
    InstanceFactory.create(owner=grant.recipient, name="the-recipients", image=image)
    InstanceFactory.create(name="of-somebody", image=image)

    shown = {
        who: [i.name for i in page.context["instances"]]
        for who, page in [
            ("owner", client_for(image.owner).get(page_of(image), headers=headers)),
            ("recipient", client_for(grant.recipient).get(page_of(image), headers=headers)),
        ]
    }

    assert shown == {"owner": ["the-owners"], "recipient": ["the-recipients"]}


def test_an_image_without_an_instance_says_so_and_with_one_follows_it(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    empty = browser.get(page_of(image))
    web = InstanceFactory.create(owner=account, name="web", image=image, starting=True)
    page = browser.get(page_of(image))

    assert "None of your instances was made from this image." in text_of(empty)
    assert "every 2s" not in empty.content.decode()
    assert "None of your instances" not in text_of(page)
    assert f'href="{web.get_absolute_url()}"' in page.content.decode()
    assert f'href="/bj/instances/?q={image.image_id}"' in page.content.decode()
    assert f'hx-get="/bj/instances/progress/?id={web.instance_id}"' in page.content.decode()


def test_a_recipient_is_not_told_what_an_image_was_made_from(client_for):
    grant = ShareGrantFactory.create(image__source="i-secret00")

    page = client_for(grant.recipient).get(page_of(grant.image))

    assert "i-secret00" not in page.content.decode()


# The rule for names


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("a", True),
        ("Z", True),
        ("A" * 65, True),
        ("golden-镜像_1/2.3", True),
        ("a一龥", True),
        ("a-", True),
        ("a/", True),
        ("a.", True),
        ("", False),
        ("A" * 66, False),
        ("1st", False),
        ("-a", False),
        ("_a", False),
        ("/a", False),
        (".a", False),
        ("镜像", False),
        ("two words", False),
        (" a", False),
        ("a ", False),
        ("a\n", False),
        ("a\t", False),
        ("a\\", False),
        ("a&b", False),
        ("a,b", False),
        ("a]", False),
        ("aé", False),
        ("a！", False),
        ("a㐀", False),
        ("a龦", False),
        ("a😀", False),
        ("a１", False),
    ],
)
def test_the_browser_and_the_server_have_one_rule_for_names(name, is_allowed):
    """A browser takes the pattern as anchored at both ends."""
    assert bool(re.match(NAME_PATTERN, name)) is is_allowed
    assert bool(re.fullmatch(NAME_PATTERN_HTML, name)) is is_allowed


def test_the_pattern_is_valid_where_browsers_read_it():
    """In a class of the v mode of JavaScript these stand for themselves only after a backslash."""
    for inside in re.findall(r"\[(.*?)\]", NAME_PATTERN_HTML):
        letters = re.sub(r"\\u[0-9a-f]{4}", "x", inside)
        plain = re.sub(r"\w-\w|\\[/-]", "", letters)
        assert not set(plain) & set("()[]{}/-|\\")


def test_every_dialog_with_a_name_gives_the_rule_to_the_browser(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    for path in (
        "/bj/images/create/",
        page_of(image, "edit/"),
        page_of(image, "copy/"),
        "/bj/instances/create/",
    ):
        page = browser.get(path)
        assert re.search(r'pattern="([^"]+)"', page.content.decode()).group(1) == NAME_PATTERN_HTML
        assert RULE in text_of(page)


def test_the_dialog_lists_the_fifty_newest_and_the_one_that_it_is_about(client_for, account):
    oldest = InstanceFactory.create(owner=account, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    InstanceFactory.create_batch(60, owner=account)
    browser = client_for(account)

    page = browser.get("/bj/images/create/")
    about = browser.get(f"/bj/images/create/?instance={oldest.instance_id}")

    assert len(page.context["choices"]) == 50
    assert "These are the 50 newest." in text_of(page)
    assert about.context["choices"][0][0] == oldest


@pytest.mark.parametrize("action", ["cancel", "edit", "use", "nonsense", ""])
def test_only_the_actions_of_the_toolbar_ask_for_an_image(client_for, account, action):
    ImageFactory.create(owner=account)

    assert client_for(account).get(f"/bj/images/choose/?action={action}").status_code == 404


def test_a_region_that_does_not_exist_has_no_dialog(client_for, account):
    ImageFactory.create(owner=account)

    assert client_for(account).get("/zz/images/choose/?action=share").status_code == 404
