"""The admin site: who can open it, and its frame."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from ..chinese import CHINESE
from ..dom import find_all, get_text
from ..factories import (
    PASSWORD,
    InstanceFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..images.pages import text_of

pytestmark = pytest.mark.django_db


def test_only_operators_can_open_the_admin_site(client):
    client.force_login(UserFactory.create())

    assert client.get("/admin/", follow=True).status_code == 403
    assert Client().get("/admin/").url == "/admin/login/?next=/admin/"
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/")


@pytest.mark.parametrize("page", ["/admin/", "/admin/images/image/?q=golden"])
def test_an_operator_who_signs_in_gets_the_page(client, page):
    OperatorFactory.create(username="op")
    sign_in_page = client.get(page, follow=True).redirect_chain[-1][0]

    answer = client.post(sign_in_page, {"username": "op", "password": PASSWORD}, follow=True)

    assert (answer.redirect_chain[-1][0], answer.status_code) == (page, 200)


@pytest.mark.parametrize("address", ["", "//elsewhere.example/", "https://elsewhere.example/"])
def test_it_leads_an_operator_to_no_other_site(operator, address):
    assert operator.get("/admin/login/", {"next": address}).url == "/admin/"


def test_pages_have_the_style_sheet_of_the_console_in_place_of_djangos(operator):
    links = find_all(operator.get("/admin/accounts/account/add/"), "link", rel="stylesheet")
    sheets = [dict(link.attributes)["href"] for link in links]

    assert sheets[0] == "/static/css/console.css"
    assert sheets[-1] == "/static/css/admin.css"
    assert not re.search(r"base\.css|dark_mode\.css|responsive\.css", " ".join(sheets))


def test_the_navigation_leads_to_every_list_and_marks_the_current_one(operator):
    (nav,) = find_all(operator.get("/admin/images/instance/"), "nav", id="lists")

    links = {get_text(link).strip(): dict(link.attributes) for link in find_all(nav, "a")}
    assert {"Overview", "Accounts", "People", "Images", "Shares", "Audit trail"} <= set(links)
    assert [name for name, each in links.items() if "aria-current" in each] == ["Instances"]


def test_a_filter_says_what_is_selected(operator):
    InstanceFactory.create()
    RegionFactory.create(code="gz", name_en="Guangzhou", name_zh="广州")

    page = operator.get("/admin/images/instance/?region__code__exact=bj")

    assert "Region: Beijing All Beijing" in text_of(page)
    assert "Released All" in text_of(page)


def test_a_cell_has_its_heading_for_narrow_screens(operator):
    InstanceFactory.create(region__name_en="Beijing")

    page = operator.get("/admin/images/instance/")

    (cell,) = find_all(page, "td", data_label="Region")
    assert get_text(cell) == "Beijing"


def test_a_cell_with_the_link_to_its_object_has_its_heading_too(operator):
    grant = ShareGrantFactory.create()

    page = operator.get("/admin/images/sharegrant/")

    assert find_all(page, "th", scope="row", data_label="Shared since")
    page = operator.get(f"/admin/accounts/account/{grant.recipient.pk}/change/")
    (owner,) = find_all(page, "td", data_label="Owner")
    assert get_text(owner).strip() == str(grant.owner)


def test_an_empty_list_says_whether_filters_are_the_reason(operator):
    empty = operator.get("/admin/images/instance/").content.decode()
    searched = operator.get("/admin/images/instance/?q=nothing").content.decode()

    assert "Nothing here yet" in empty
    assert "No results match your filters." in searched


def test_the_texts_of_scripts_are_in_the_language_of_the_reader(operator):
    english, chinese = (
        operator.get("/admin/jsi18n/", headers=headers).content.decode()
        for headers in ({}, CHINESE)
    )

    assert '"Choose all %s": "Choose all %s"' in english
    assert f'"Choose all %s": {json.dumps("选择全部%s")}' in chinese
