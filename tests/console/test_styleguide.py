from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from images.models import Image
from tests.factories import AccountFactory, OperatorFactory, RegionFactory

pytestmark = pytest.mark.django_db
CSS = Path(settings.BASE_DIR) / "static" / "css"


@pytest.fixture
def staff(client):
    client.force_login(OperatorFactory.create())
    return client


def test_staff_without_an_account_see_every_component(staff):
    answer = staff.get("/styleguide/")

    page = answer.content.decode()
    assert answer.status_code == 200
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
    assert '<progress class="meter"' in page
    assert 'hx-get="/styleguide/dialog/"' in page


def test_staff_with_an_account_see_it_too(client):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    assert client.get("/styleguide/").status_code == 200
    assert 'href="/styleguide/"' in client.get("/access-keys/").content.decode()


@pytest.mark.parametrize("path", ["/styleguide/", "/styleguide/dialog/"])
def test_nobody_else_may(client_for, account, path):
    RegionFactory.create()
    somebody = client_for(account)

    answer = somebody.get(path)

    assert answer.status_code == 403
    assert "for the operators" in answer.content.decode()
    assert somebody.post("/styleguide/dialog/", {"name": "web"}).status_code == 403
    assert "/styleguide/" not in somebody.get("/access-keys/").content.decode()


def test_somebody_without_an_account_is_still_led_to_the_administration_elsewhere(staff):
    assert staff.get("/access-keys/").url == "/admin/"


def test_every_colour_and_every_icon_is_shown(staff):
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


def test_its_dialog_refuses_and_tells_like_every_other(staff, htmx):
    opened = staff.get("/styleguide/dialog/", headers=htmx)
    refused = staff.post("/styleguide/dialog/", {"name": "5"}, headers=htmx)
    done = staff.post("/styleguide/dialog/", {"name": "web"}, headers=htmx)

    assert "<html" not in opened.content.decode()
    assert 'id="dialog-title"' in opened.content.decode()
    assert (refused.status_code, done.status_code) == (422, 204)
    assert "This name does not follow the rule." in refused.content.decode()
    assert "dialog:close" in done.headers["HX-Trigger"]
    assert "web was saved." in staff.get("/styleguide/", headers=htmx).content.decode()


def test_its_dialog_is_a_page_without_javascript(staff):
    page = staff.get("/styleguide/dialog/").content.decode()
    done = staff.post("/styleguide/dialog/", {"name": "web"}, follow=True)

    assert (
        '<form class="sheet small" method="post" action="/styleguide/dialog/" novalidate>' in page
    )
    assert "web was saved." in done.content.decode()
    assert not Image.objects.exists()


def test_the_administration_leads_to_it(staff):
    assert '<a href="/styleguide/">Style guide</a>' in staff.get("/admin/").content.decode()
