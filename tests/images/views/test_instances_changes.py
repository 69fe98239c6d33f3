"""The dialogs that start, stop, reboot and release an instance."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from accounts.models import AuditEvent
from images.models import Instance

from ...factories import (
    InstanceFactory,
    PublicImageFactory,
)
from ..pages import text_of
from .instance_pages import ADDRESSES, STRONG, all_rows, made, page_of

pytestmark = pytest.mark.django_db

CHANGES = [
    # action, what the instance is before, what the dialog tells, the message, the status after
    ("start", "stopped", "It starts with the disk", "web is starting.", "Running"),
    ("stop", "running", "What runs on it ends. Its disk", "web is stopping.", "Stopped"),
    ("reboot", "running", "and it starts again.", "web is rebooting.", "Running"),
    ("release", "running", "This cannot be undone.", "web was released.", None),
    ("release", "stopped", "This cannot be undone.", "web was released.", None),
    ("release", "expired", "This cannot be undone.", "web was released.", None),
]


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_dialog_asks_and_its_button_does(client_for, account, headers, case):
    action, state, told, message, after = case
    web = made(state, owner=account)
    browser, before = client_for(account), all_rows()

    dialog = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert dialog.status_code == 200
    assert told in text_of(dialog)
    assert web.instance_id in text_of(dialog)
    assert ("<html" in dialog.content.decode()) == (not headers)
    assert all_rows() == before

    answer = browser.post(page_of(web, f"{action}/"), headers=headers)
    assert answer.status_code == (204 if headers else 303)
    if headers:
        assert '"instances:changed"' in answer.headers["HX-Trigger"]
        assert '"dialog:close"' in answer.headers["HX-Trigger"]
    else:
        assert answer.url == "/bj/instances/"
    page = browser.get("/bj/instances/", headers=headers)
    assert message in text_of(page)
    assert [row["instance"].status for row in page.context["rows"]] == ([after] if after else [])


@pytest.mark.parametrize(
    "case",
    [
        ("start", "running", "Only a stopped instance can be started."),
        ("start", "starting", "Only a stopped instance can be started."),
        ("start", "stopping", "Only a stopped instance can be started."),
        ("start", "image_processing", "Only a stopped instance can be started."),
        ("start", "expired", "This instance has expired."),
        ("stop", "stopped", "Only a running instance can be stopped or rebooted."),
        ("stop", "starting", "Only a running instance can be stopped or rebooted."),
        ("stop", "expired", "Only a running instance can be stopped or rebooted."),
        ("reboot", "stopped", "Only a running instance can be stopped or rebooted."),
        ("reboot", "image_processing", "Only a running instance can be stopped or rebooted."),
        ("reinstall", "starting", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "stopping", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "image_processing", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "expired", "Only a running or stopped instance can be reinstalled"),
        ("release", "image_processing", "An image is being made of this instance."),
    ],
    ids=lambda case: f"{case[0]}-{case[1]}",
)
def test_what_cannot_be_done_is_told_everywhere_and_recorded_once(
    client_for, account, headers, case
):
    action, state, sentence = case
    web = made(state, owner=account)
    image = PublicImageFactory.create()
    browser, before = client_for(account), all_rows()

    for path in ("/bj/instances/", page_of(web)):
        page = browser.get(path, headers=headers)
        assert sentence in text_of(page)
        assert f'href="{page_of(web, f"{action}/")}"' not in page.content.decode()

    asked = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert asked.status_code == 200
    assert sentence in text_of(asked)
    assert "<form" not in asked.content.decode().rpartition("<main")[2]  # beside those on top
    assert not AuditEvent.objects.exists()

    data = {"image": image.image_id, "login": "password", "password": STRONG}
    forced = browser.post(page_of(web, f"{action}/"), data, headers=headers)
    assert forced.status_code == 422
    assert sentence in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", web.instance_id)


def test_what_is_paid_for_is_not_released(client_for, account, headers):
    web = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))
    sentence = "This instance is paid for in advance. It can be released once it has expired."
    browser = client_for(account)

    assert sentence in text_of(browser.get("/bj/instances/"))
    answer = browser.post(page_of(web, "release/"), headers=headers)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Instance.objects.get().released_at is None


def test_what_is_being_created_is_neither_started_nor_released(client_for, account, headers):
    since = datetime(2026, 5, 1, tzinfo=UTC)
    web = made("starting", owner=account, created_at=since, passing_since=since)
    browser = client_for(account)

    for action in ("start", "release"):
        answer = browser.post(page_of(web, f"{action}/"), headers=headers)
        assert answer.status_code == 422
        assert "This instance is still being created." in text_of(answer)
    assert Instance.objects.get().released_at is None


def test_a_refusal_on_a_page_of_its_own_leads_back_to_the_instances(client_for, account):
    web = made("stopped", owner=account)

    page = client_for(account).get(page_of(web, "stop/")).content.decode()

    breadcrumb = re.search(r'<nav class="breadcrumb".*?</nav>', page, re.DOTALL).group()
    assert 'href="/bj/instances/"' in breadcrumb
    assert "Image List" not in breadcrumb


def test_a_second_release_finds_nothing_to_release(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    first = browser.post(page_of(web, "release/"), headers=headers)
    second = browser.post(page_of(web, "release/"), headers=headers)

    assert (first.status_code, second.status_code) == (204 if headers else 303, 404)
    assert AuditEvent.objects.get().outcome == "done"


def test_releasing_from_its_own_page_leads_to_the_list(client_for, account, htmx):
    here, other = InstanceFactory.create_batch(2, owner=account)
    browser = client_for(account)
    on_its_page = htmx | {"HX-Current-URL": f"http://testserver{page_of(here)}#top"}

    on_the_list = browser.post(page_of(other, "release/"), headers=on_its_page)
    answer = browser.post(page_of(here, "release/"), headers=on_its_page)

    assert "HX-Redirect" not in on_the_list.headers
    assert answer.headers["HX-Redirect"] == "/bj/instances/"
    assert f"{here.name} was released." in text_of(browser.get("/bj/instances/"))


def test_stopping_from_its_own_page_stays_there(client_for, account, htmx):
    web = InstanceFactory.create(owner=account)
    here = {"HX-Current-URL": f"http://testserver{page_of(web)}"}

    answer = client_for(account).post(page_of(web, "stop/"), headers=htmx | here)

    assert answer.status_code == 204
    assert "HX-Redirect" not in answer.headers


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_do_nothing(client_for, account, method):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    for address in ADDRESSES:
        assert getattr(browser, method)(page_of(web, address)).status_code == 405
    assert Instance.objects.get().released_at is None
