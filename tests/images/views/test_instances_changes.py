"""The dialogs that start, stop, reboot and release an instance."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import AuditEvent
from images.models import Instance

from ...dom import find_all, get_text
from ...factories import (
    InstanceFactory,
    PublicImageFactory,
)
from ..pages import text_of
from .instance_pages import ADDRESSES, STRONG, all_rows, create_web, page_of

pytestmark = pytest.mark.django_db

RELEASE = (
    "This can't be undone. The instance and its system disk are permanently deleted. "
    "Custom images created from it are kept."
)
CHANGES = [
    # Action, state before, text of the dialog, message, status after
    (
        "start",
        "stopped",
        "The instance starts with its current system disk and IP address.",
        "web is starting.",
        "Running",
    ),
    (
        "stop",
        "running",
        "Everything running on the instance stops. The system disk and IP address are kept.",
        "web is stopping.",
        "Stopped",
    ),
    (
        "reboot",
        "running",
        "Everything running on the instance stops, then the instance starts again.",
        "web is rebooting.",
        "Running",
    ),
    ("release", "running", RELEASE, "web was released.", None),
    ("release", "stopped", RELEASE, "web was released.", None),
    ("release", "expired", RELEASE, "web was released.", None),
]


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_an_action_runs_after_its_dialog_is_confirmed(client_for, account, headers, case):
    action, state, text, message, after = case
    web = create_web(state, owner=account)
    browser, before = client_for(account), all_rows()

    dialog = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert dialog.status_code == 200
    assert text in text_of(dialog)
    assert web.instance_id in text_of(dialog)
    (footer,) = find_all(dialog, "footer")
    (button,) = find_all(footer, "button")
    assert get_text(button) == f"{action.capitalize()} instance"
    assert ("<html" in dialog.content.decode()) == (not headers)
    assert all_rows() == before

    response = browser.post(page_of(web, f"{action}/"), headers=headers)
    assert response.status_code == (204 if headers else 303)
    if headers:
        assert '"instances:changed"' in response.headers["HX-Trigger"]
        assert '"dialog:close"' in response.headers["HX-Trigger"]
    else:
        assert response.url == "/bj/instances/"
    page = browser.get("/bj/instances/", headers=headers)
    assert message in text_of(page)
    assert [row["instance"].status for row in page.context["rows"]] == ([after] if after else [])


NOT_SETTLED = "Only running or stopped instances can be reinstalled or used to create an image."


@pytest.mark.parametrize(
    "case",
    [
        ("start", "running", "Only stopped instances can be started."),
        ("start", "starting", "Only stopped instances can be started."),
        ("start", "stopping", "Only stopped instances can be started."),
        ("start", "image_processing", "Only stopped instances can be started."),
        ("start", "expired", "This instance has expired."),
        ("stop", "stopped", "Only running instances can be stopped or rebooted."),
        ("stop", "starting", "Only running instances can be stopped or rebooted."),
        ("stop", "expired", "Only running instances can be stopped or rebooted."),
        ("reboot", "stopped", "Only running instances can be stopped or rebooted."),
        ("reboot", "image_processing", "Only running instances can be stopped or rebooted."),
        ("reinstall", "starting", NOT_SETTLED),
        ("reinstall", "stopping", NOT_SETTLED),
        ("reinstall", "image_processing", NOT_SETTLED),
        ("reinstall", "expired", NOT_SETTLED),
        (
            "release",
            "image_processing",
            "An image is being created from this instance. Wait until it's complete.",
        ),
    ],
    ids=lambda case: f"{case[0]}-{case[1]}",
)
def test_a_refusal_is_shown_everywhere_and_recorded_once(client_for, account, headers, case):
    action, state, sentence = case
    web = create_web(state, owner=account)
    image = PublicImageFactory.create()
    browser, before = client_for(account), all_rows()

    paths = ("/bj/instances/", page_of(web, "menu/"), page_of(web))
    row, menu, page = pages = [browser.get(path, headers=headers) for path in paths]
    assert sentence in text_of(row) + text_of(menu)
    assert sentence in text_of(page)
    assert not [each for each in pages if find_all(each, "a", href=page_of(web, f"{action}/"))]

    shown = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert shown.status_code == 200
    assert sentence in text_of(shown)
    (dialog,) = find_all(shown, "div", class_="sheet small")
    assert not find_all(dialog, "form")
    assert not find_all(shown, "form", action=page_of(web, f"{action}/"))
    assert not AuditEvent.objects.exists()

    data = {"image": image.image_id, "login": "password", "password": STRONG}
    forced = browser.post(page_of(web, f"{action}/"), data, headers=headers)
    assert forced.status_code == 422
    assert sentence in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", web.instance_id)


def test_a_prepaid_instance_is_not_released(client_for, account, headers):
    web = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))
    sentence = "This instance is prepaid. Release it after it expires."
    browser = client_for(account)

    assert sentence in text_of(browser.get(page_of(web, "menu/")))
    response = browser.post(page_of(web, "release/"), headers=headers)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert Instance.objects.get().released_at is None


def test_an_instance_being_created_is_neither_started_nor_released(client_for, account, headers):
    since = datetime(2026, 5, 1, tzinfo=UTC)
    web = create_web("starting", owner=account, created_at=since, passing_since=since)
    browser = client_for(account)

    for action in ("start", "release"):
        response = browser.post(page_of(web, f"{action}/"), headers=headers)
        assert response.status_code == 422
        assert "This instance is still being created." in text_of(response)
    assert Instance.objects.get().released_at is None


def test_the_page_of_a_refusal_links_back_to_the_instances(client_for, account):
    web = create_web("stopped", owner=account)

    page = client_for(account).get(page_of(web, "stop/"))

    (breadcrumb,) = find_all(page, "nav", class_="breadcrumb")
    assert find_all(breadcrumb, "a", href="/bj/instances/")
    assert "Image List" not in get_text(breadcrumb)


def test_a_released_instance_cannot_be_released_again(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    first = browser.post(page_of(web, "release/"), headers=headers)
    second = browser.post(page_of(web, "release/"), headers=headers)

    assert (first.status_code, second.status_code) == (204 if headers else 303, 404)
    assert AuditEvent.objects.get().outcome == "done"


def test_releasing_an_instance_on_its_own_page_leads_to_the_list(client_for, account, htmx):
    web, other = InstanceFactory.create_batch(2, owner=account)
    browser = client_for(account)
    headers = htmx | {"HX-Current-URL": f"http://testserver{page_of(web)}#top"}

    on_another_page = browser.post(page_of(other, "release/"), headers=headers)
    response = browser.post(page_of(web, "release/"), headers=headers)

    assert "HX-Redirect" not in on_another_page.headers
    assert response.headers["HX-Redirect"] == "/bj/instances/"
    assert f"{web.name} was released." in text_of(browser.get("/bj/instances/"))


def test_stopping_an_instance_on_its_own_page_stays_there(client_for, account, htmx):
    web = InstanceFactory.create(owner=account)
    current_url = {"HX-Current-URL": f"http://testserver{page_of(web)}"}

    response = client_for(account).post(page_of(web, "stop/"), headers=htmx | current_url)

    assert response.status_code == 204
    assert "HX-Redirect" not in response.headers


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(client_for, account, method):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    for address in ADDRESSES:
        assert getattr(browser, method)(page_of(web, address)).status_code == 405
    assert Instance.objects.get().released_at is None
