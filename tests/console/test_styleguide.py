"""The style guide for operators."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from images.models import Image
from tests.dom import find_all, get_text
from tests.factories import AccountFactory, OperatorFactory, RegionFactory

pytestmark = pytest.mark.django_db
CSS = Path(settings.BASE_DIR) / "static" / "css"


@pytest.fixture
def staff(client):
    client.force_login(OperatorFactory.create())
    return client


def test_operators_without_an_account_see_every_component(staff):
    response = staff.get("/styleguide/")

    page = response.content.decode()
    assert response.status_code == 200
    for component in (
        "action",
        "badge",
        "breadcrumb",
        "button",
        "copyable",
        "empty",
        "field",
        "menu",
        "message",
        "meter",
        "notice",
        "pagination",
        "properties",
        "segments",
        "skeleton",
        "status",
        "subject",
        "table",
        "tabs",
        "timeline",
    ):
        assert re.search(rf'class="{component}[" ]', page), component
    assert re.search(r'<progress\s+class="meter"', page)
    assert 'hx-get="/styleguide/dialog/"' in page


def test_operators_with_an_account_see_it(client):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    assert client.get("/styleguide/").status_code == 200
    assert 'href="/styleguide/"' in client.get("/bj/access-keys/").content.decode()


@pytest.mark.parametrize("path", ["/styleguide/", "/styleguide/dialog/"])
def test_only_operators_can_open_it(client_for, account, path):
    RegionFactory.create()
    person = client_for(account)

    response = person.get(path)

    assert response.status_code == 403
    assert "Only operators can open this page." in response.content.decode()
    assert person.post("/styleguide/dialog/", {"name": "web"}).status_code == 403
    assert "/styleguide/" not in person.get("/bj/access-keys/").content.decode()


def test_other_pages_send_operators_without_an_account_to_the_admin_site(staff):
    assert staff.get("/bj/access-keys/").url == "/admin/"


def test_every_color_and_icon_is_shown(staff):
    page = staff.get("/styleguide/").content.decode()
    tokens = (CSS / "tokens.css").read_text()
    classes = (CSS / "styleguide.css").read_text()

    colors = set(re.findall(r"--([\w-]+): (?:light-dark\(#|#)", tokens))
    assert {"ink", "blue", "on-blue", "red-wash"} <= colors
    for color in colors:
        assert f'class="swatch {color}"' in page
        assert f".swatch.{color} {{\n    background: var(--{color});" in classes
    for icon in ("overview", "share", "reinstall"):
        assert f"<code>{icon}</code>" in page


def test_its_dialog_shows_errors_and_messages(staff, htmx):
    opened = staff.get("/styleguide/dialog/", headers=htmx)
    refused = staff.post("/styleguide/dialog/", {"name": "5"}, headers=htmx)
    done = staff.post("/styleguide/dialog/", {"name": "web"}, headers=htmx)

    assert "<html" not in opened.content.decode()
    assert 'id="dialog-title"' in opened.content.decode()
    assert (refused.status_code, done.status_code) == (422, 204)
    assert "Enter a name that follows the rule above." in refused.content.decode()
    assert "dialog:close" in done.headers["HX-Trigger"]
    assert "web was saved." in staff.get("/styleguide/", headers=htmx).content.decode()


def test_its_dialog_is_a_page_without_javascript(staff):
    page = staff.get("/styleguide/dialog/").content.decode()
    done = staff.post("/styleguide/dialog/", {"name": "web"}, follow=True)

    assert re.search(
        r'<form\s+class="sheet small"\s+method="post"\s+action="/styleguide/dialog/"'
        r'\s+data-draft="/styleguide/dialog/"\s+novalidate\s*>',
        page,
    )
    assert "web was saved." in done.content.decode()
    assert not Image.objects.exists()


def test_the_admin_site_links_to_it(staff):
    (link,) = find_all(staff.get("/admin/"), "a", href="/styleguide/")

    assert get_text(link) == "Style guide"
