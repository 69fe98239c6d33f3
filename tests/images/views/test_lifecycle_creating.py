"""The Create Custom Image dialog."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance

from ...dom import find_all, get_descriptions, get_values
from ...factories import (
    ImageFactory,
    InstanceFactory,
)
from ..pages import all_rows, page_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("regions")]

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
RULE = (
    "1–65 characters: start with a letter, then use letters, digits, Chinese characters or - _ / ."
)


def create(browser, headers, instance, /, **fields):
    data = {"instance": instance.instance_id, "name": "golden", "desc": "Hardened"} | fields
    return browser.post("/bj/images/create/", data, headers=headers)


def test_the_dialog_offers_the_accounts_own_instances_in_the_region(client_for, account, headers):
    InstanceFactory.create(owner=account, name="web")
    InstanceFactory.create(owner=account, name="db", stopped=True)
    InstanceFactory.create(owner=account, name="released", released_at=NOON)
    InstanceFactory.create(owner=account, name="far-away", region__code="gz")
    InstanceFactory.create(name="of-a-stranger")
    ImageFactory.create_batch(7, owner=account)

    dialog = client_for(account).get("/bj/images/create/", headers=headers)

    assert dialog.status_code == 200
    assert {instance.name for instance, _refusal in dialog.context["choices"]} == {"web", "db"}
    for name in ("released", "far-away", "of-a-stranger"):
        assert name not in text_of(dialog)
    assert RULE in text_of(dialog)
    assert "7 of 20 custom images in Beijing" in text_of(dialog)
    assert ("<html" in dialog.content.decode()) == (not headers)


@pytest.mark.parametrize("state", ["starting", "stopping", "image_processing", "expired"])
def test_an_instance_that_is_neither_running_nor_stopped_is_disabled(
    client_for, account, headers, state
):
    web = InstanceFactory.create(owner=account, **{state: True})

    dialog = client_for(account).get(
        f"/bj/images/create/?instance={web.instance_id}", headers=headers
    )

    assert get_values(dialog, "instance", only="disabled") == [web.instance_id]
    assert web.status_label in text_of(dialog)


def test_without_instances_the_dialog_links_to_create_one(client_for, account, headers):
    dialog = client_for(account).get("/bj/images/create/", headers=headers)

    assert "You have no instances in Beijing." in text_of(dialog)
    assert find_all(dialog, "a", href="/bj/instances/create/")
    # Nothing that can't work: no fields, no button that creates
    assert not find_all(dialog, "input", name="name")
    (footer,) = find_all(dialog, "footer")
    assert not find_all(footer, "button")


def test_the_link_on_an_instance_page_selects_the_instance(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    InstanceFactory.create(owner=account)
    browser = client_for(account)
    url = f"/bj/images/create/?instance={web.instance_id}"

    dialog = browser.get(url, headers=headers)

    assert find_all(browser.get(web.get_absolute_url()), "a", href=url)
    assert get_values(dialog, "instance", only="checked") == [web.instance_id]


@pytest.mark.parametrize("state", [{}, {"stopped": True}], ids=["running", "stopped"])
def test_a_custom_image_is_created_from_an_instance(client_for, account, headers, state):
    web = InstanceFactory.create(owner=account, system_disk_gb=55, **state)
    browser = client_for(account)

    response = create(browser, headers, web)

    assert response.status_code == (204 if headers else 303)
    if headers:
        assert '"images:changed"' in response.headers["HX-Trigger"]
        assert '"dialog:close"' in response.headers["HX-Trigger"]
    else:
        assert response.url == "/bj/images/"
    page = text_of(browser.get("/bj/images/", headers=headers))
    assert "golden is being created." in page
    golden = Image.objects.get()
    assert (golden.name, golden.desc, golden.owner) == ("golden", "Hardened", account)
    assert (golden.type, golden.region_id, golden.size_gb) == ("Custom", "bj", 55)
    page = text_of(browser.get(page_of(golden)))
    assert f"Source {web} {web.instance_id}" in page
    assert Instance.objects.get().status == web.status


def test_both_lists_show_the_progress_while_an_image_is_created(client_for, account, clock):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    create(browser, {}, web)
    clock.shift(timedelta(seconds=25))

    golden = Image.objects.get()
    page = browser.get("/bj/images/")
    label = "golden: Creating"
    assert find_all(page, "progress", max="100", value="25", aria_label=label)
    assert find_all(page, "div", hx_get=f"/bj/images/progress/?id={golden.image_id}")
    assert "1 of 20 custom images in Beijing" in text_of(page)
    page = browser.get("/bj/instances/")
    assert "Creating image" in text_of(page)
    assert find_all(page, "div", hx_get=f"/bj/instances/progress/?id={web.instance_id}")

    clock.shift(timedelta(seconds=75))
    for path in ("/bj/images/", "/bj/instances/", page_of(golden)):
        page = browser.get(path).content.decode()
        assert "<progress" not in page
        assert "every 2s" not in page


@pytest.mark.parametrize(
    "case",
    [
        ({"instance": ""}, "instance", "Select a source instance."),
        ({"instance": "i-00000000"}, "instance", "Instance not found."),
        ({"instance": "i-strange0"}, "instance", "Instance not found."),
        ({"instance": "i-faraway0"}, "instance", "Instance not found."),
        ({"instance": "i-released"}, "instance", "Instance not found."),
        (
            {"instance": "i-starting"},
            "instance",
            "Only running or stopped instances can be reinstalled or used to create an image.",
        ),
        ({"name": ""}, "name", "Enter a name."),
        ({"name": "two words"}, "name", "Enter a name that follows the rule above."),
        ({"name": "1st"}, "name", "Enter a name that follows the rule above."),
        ({"name": "g" * 66}, "name", "at most 65 characters"),
        ({"desc": "d" * 251}, "desc", "at most 250 characters"),
    ],
    ids=str,
)
def test_a_refused_image_keeps_what_was_typed(client_for, account, headers, case):
    fields, field, sentence = case
    web = InstanceFactory.create(owner=account)
    InstanceFactory.create(instance_id="i-strange0")
    InstanceFactory.create(instance_id="i-faraway0", owner=account, region__code="gz")
    InstanceFactory.create(instance_id="i-released", owner=account, released_at=NOON)
    InstanceFactory.create(instance_id="i-starting", owner=account, starting=True)
    before = all_rows()

    response = create(client_for(account), headers, web, **fields)

    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    assert find_all(response, "div", id=f"id_{field}_error")
    assert f"id_{field}_error" in get_descriptions(response)
    assert form["name"].value() == fields.get("name", "golden")
    assert form["desc"].value() == fields.get("desc", "Hardened")
    if field != "instance":
        assert get_values(response, "instance", only="checked") == [web.instance_id]
    assert RULE in text_of(response)
    assert ("<html" in response.content.decode()) == (not headers)
    assert all_rows() == before


def test_an_image_over_the_limit_is_refused_in_the_form(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    ImageFactory.create_batch(19, owner=account)
    ImageFactory.create(owner=account, creating=True)
    before = all_rows()

    response = create(client_for(account), headers, web)

    assert response.status_code == 422
    assert "platform has 20 of 20 custom images in Beijing. Delete one first." in text_of(response)
    assert "20 of 20 custom images in Beijing" in text_of(response)
    assert get_values(response, "instance", only="checked") == [web.instance_id]
    assert response.context["form"]["name"].value() == "golden"
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.reason) == ("refused", "custom-image-quota")


def test_only_the_custom_images_tab_has_the_create_button(client_for, account):
    browser = client_for(account)

    pages = {tab: browser.get(f"/bj/images/?type={tab}") for tab in ("custom", "shared", "public")}

    # One in the toolbar, one in the empty list
    assert len(find_all(pages["custom"], "a", hx_get="/bj/images/create/")) == 2
    assert "/bj/images/create/" not in pages["shared"].content.decode()
    assert "/bj/images/create/" not in pages["public"].content.decode()


def test_the_dialog_lists_the_fifty_newest_instances_and_the_requested_one(client_for, account):
    oldest = InstanceFactory.create(owner=account, created_at=datetime(2020, 1, 1, tzinfo=UTC))
    InstanceFactory.create_batch(60, owner=account)
    browser = client_for(account)

    page = browser.get("/bj/images/create/")
    requested = browser.get(f"/bj/images/create/?instance={oldest.instance_id}")

    assert len(page.context["choices"]) == 50
    sentence = (
        "These are the newest 50 instances. To use an older one, choose Create Custom Image "
        "in the instance list."
    )
    assert sentence in text_of(page)
    assert requested.context["choices"][0][0] == oldest


def test_an_unknown_region_has_no_dialog(client_for, account):
    ImageFactory.create(owner=account)

    assert client_for(account).get("/zz/images/choose/?action=share").status_code == 404
