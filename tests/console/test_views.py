"""The error pages."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError, connection

from console.database.failures import Unknown

from ..dom import find_all, get_text, get_values
from ..factories import (
    AccountFactory,
    OperatorFactory,
    RegionFactory,
)
from ..images.pages import text_of
from ..locked import locked

pytestmark = pytest.mark.django_db


@pytest.mark.django_db
def test_a_forged_host_is_a_bad_request(client):
    assert client.get("/sign-in/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_htmx_shows_an_error_in_the_dialog(client, htmx):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    response = client.get("/bj/images/m-abcdefgh/", headers=htmx)

    assert response.status_code == 404
    assert "<html" not in response.content.decode()
    assert 'id="dialog-title"' in response.content.decode()


@pytest.mark.parametrize("path", ["/bj/images/?q=%00", "/bj/images/%00/", "/admin/?x=%00"])
def test_nul_in_a_url_is_a_bad_request(client_for, account, path):
    RegionFactory.create()

    response = client_for(account).get(path)

    assert response.status_code == 400
    assert "Nothing was changed." in text_of(response)


# The database


@pytest.fixture
def browser(client_for, account):
    RegionFactory.create()
    browser = client_for(account)
    browser.raise_request_exception = False
    return browser


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_had_in_time_means_busy(browser, headers):
    with locked("images_image"):
        response = browser.get("/bj/images/", headers=headers)

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "this had to wait too long. Nothing was changed. Try again in a" in text_of(response)
    assert ("<html" in response.content.decode()) is not bool(headers)


def fail_with(cause):
    """Return a wrapper with which every statement fails."""

    def fail(*arguments):
        raise OperationalError("first line\nsecond line") from cause

    return connection.execute_wrapper(fail)


def test_without_the_database_a_page_is_unavailable(browser):
    with fail_with(None):
        response = browser.get("/bj/images/")

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "The database isn't responding. Try again in a few seconds." in text_of(response)


def test_a_change_in_a_read_only_database_is_refused(browser, account, read_only):
    response = browser.post("/sign-out/")

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "The database is read-only right now. Nothing was changed." in text_of(response)


def test_a_change_that_may_be_saved_is_not_called_refused(browser):
    with fail_with(Unknown()):
        response = browser.post("/bj/images/create/")

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert "It may be saved or not. Check before you try again." in text_of(response)
    assert "Nothing was changed" not in text_of(response)


def read_again(response):
    """Return the fields of the form that sends everything again, without the one-time ones."""
    (form,) = find_all(response, "form", method="post")
    attributes = dict(form.attributes)
    names = ("name", "desc", "image", "old_password", "new_password1")
    return attributes["action"], {name: get_values(form, name) for name in names}


TYPED = {"name": 'a "name"', "desc": "two\r\nlines", "image": ["m-1", "m-2"]}


def test_without_scripts_a_form_that_failed_can_be_sent_again(browser, headers):
    secrets = {"old_password": "golden-images", "new_password1": "silver-images"}
    with fail_with(None):
        response = browser.post("/bj/images/create/?x=1", TYPED | secrets, headers=headers)

    if headers:  # htmx keeps the form itself
        assert not find_all(response, "form")
        return
    assert read_again(response) == (
        "/bj/images/create/?x=1",
        {
            "name": ['a "name"'],
            "desc": ["two\r\nlines"],
            "image": ["m-1", "m-2"],
            "old_password": [],
            "new_password1": [],
        },
    )
    assert "silver" not in response.text


def test_so_can_one_of_too_many_requests(browser, settings):
    settings.REQUESTS_PER_PERSON = (1, 60)
    browser.get("/bj/images/")

    response = browser.post("/bj/images/create/", TYPED)

    assert response.status_code == 429
    assert read_again(response)[1]["desc"] == ["two\r\nlines"]


def test_a_page_that_failed_links_to_itself(browser):
    with fail_with(None):
        response = browser.get("/bj/images/?q=a")

    (link,) = find_all(response, "a", class_="button primary")
    assert (get_text(link), dict(link.attributes)["href"]) == ("Try again", "/bj/images/?q=a")


def test_fields_that_cannot_be_read_do_not_hide_the_failure(browser):
    fields = "&".join(f"f{number}=" for number in range(5001))
    with fail_with(None):
        response = browser.post(
            "/bj/images/create/", fields, content_type="application/x-www-form-urlencoded"
        )

    assert response.status_code == 503


def test_a_failure_of_the_database_is_one_line_in_the_log(browser, log_lines):
    with fail_with(None):
        browser.get("/bj/images/")

    (line,) = map(json.loads, log_lines.getvalue().splitlines())
    assert (line["event"], line["status"], line["path"]) == ("request", 503, "/bj/images/")
    assert line["database"] == "unavailable: first line"
