"""The dialog that creates a custom image from an instance."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance

from ...factories import (
    ImageFactory,
    InstanceFactory,
)
from ..pages import all_rows, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RULE = "1 to 65 characters: a letter first, then letters, digits, Chinese characters or - _ / ."


def make(browser, headers, instance, /, **fields):
    typed = {"instance": instance.instance_id, "name": "golden", "desc": "Hardened"} | fields
    return browser.post("/bj/images/create/", typed, headers=headers)


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


def test_the_dialog_lists_the_fifty_newest_and_the_one_that_it_is_about(client_for, account):
    oldest = InstanceFactory.create(owner=account, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    InstanceFactory.create_batch(60, owner=account)
    browser = client_for(account)

    page = browser.get("/bj/images/create/")
    about = browser.get(f"/bj/images/create/?instance={oldest.instance_id}")

    assert len(page.context["choices"]) == 50
    assert "These are the 50 newest." in text_of(page)
    assert about.context["choices"][0][0] == oldest


def test_a_region_that_does_not_exist_has_no_dialog(client_for, account):
    ImageFactory.create(owner=account)

    assert client_for(account).get("/zz/images/choose/?action=share").status_code == 404
