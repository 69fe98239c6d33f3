"""What holds for every page, also for those that come later."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from psycopg import sql

from console import settings as production

from .factories import (
    AccountFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
)

# Who needs no sign-in, and why
OPEN = {
    "sign-in/": "the way in",
    "sign-out/": "a POST without a session has nothing to end",
    "healthz": "asked by machines",
    "readyz": "asked by machines",
    "favicon.ico": "a picture",
    "admin/login/": "leads to the sign-in page",
}
VALUES = {
    "<region:region>": "bj",
    "<image_id:image_id>": "m-abcdefgh",
    "<path:object_id>": "1",
    "<id>": "1",
    "<int:content_type_id>": "1",
    "<path:content_type_id>": "1",
}


def routes(resolver, prefix=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            for placeholder, value in VALUES.items():
                route = route.replace(placeholder, value)
            yield route


ROUTES = sorted({r for r in routes(get_resolver()) if "?P" not in r and "\\" not in r})


def test_the_list_of_routes_has_the_pages():
    assert {"bj/images/", "bj/images/m-abcdefgh/share/", "admin/images/image/"} <= set(ROUTES)
    assert not [route for route in ROUTES if "<" in route]


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if route not in OPEN])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_needs_sign_in(client, route, method):
    answer = getattr(client, method)(f"/{route}")

    assert answer.status_code == 302
    assert answer.url.startswith(("/sign-in/?next=", "/admin/login/?next="))


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["bj/images/", "bj/images/m-abcdefgh/share/", ""])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_fragment_needs_sign_in(client, route, method, htmx):
    answer = getattr(client, method)(f"/{route}", headers=htmx)

    assert (answer.status_code, answer.content) == (401, b"")


def rows_of_all_tables():
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            rows[table] = sorted(cursor.fetchall())
    return rows


@pytest.mark.django_db
def test_no_get_changes_anything(client):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    account_person = OperatorFactory.create(account=grant.owner)
    client.force_login(account_person)
    before = rows_of_all_tables()

    for route in ROUTES:
        client.get(f"/{route}")

    assert rows_of_all_tables() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", ["bj/images/", "bj/images/m-abcdefgh/share/", "sign-in/", "nowhere", "admin/"]
)
def test_headers_of_every_page(client, route):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    client.force_login(OperatorFactory.create(account=grant.owner))

    headers = client.get(f"/{route}").headers

    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "HX-Request" in headers["Vary"]
    assert len(headers["x-bce-request-id"]) == 36
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.django_db
def test_pages_have_no_inline_code_and_name_no_other_host(client):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    client.force_login(OperatorFactory.create(account=grant.owner))

    for route in ("bj/images/", "bj/images/m-abcdefgh/", "bj/images/m-abcdefgh/share/", "sign-in/"):
        html = client.get(f"/{route}").content.decode()
        assert " style=" not in html
        assert " onclick=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert "://" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "sign-in/",
        "sign-out/",
        "bj/images/m-abcdefgh/share/",
        "bj/images/m-abcdefgh/unshare/",
        "bj/images/m-abcdefgh/delete/",
    ],
)
def test_a_form_without_its_token_is_refused(route):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(OperatorFactory.create(account=grant.owner))

    answer = browser.post(f"/{route}", {"recipients": grant.recipient.account_id})

    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
    assert grant.image.grants.count() == 1
    assert Session.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["sign-in/", "bj/images/m-abcdefgh/share/"])
def test_a_body_of_five_megabytes_is_too_large(client, route):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    answer = client.post(f"/{route}", {"accounts": "x" * 5_000_000})

    assert answer.status_code == 413
    assert "Nothing was changed." in answer.content.decode()


@pytest.mark.django_db
def test_a_body_that_lies_about_its_length_is_too_large(client, rf):
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    answer = client.post("/sign-in/", {"username": "x"}, CONTENT_LENGTH="9999999999")

    assert answer.status_code == 413


@pytest.mark.django_db
def test_a_body_without_a_length_is_refused(client):
    answer = client.post("/sign-in/", headers={"Transfer-Encoding": "chunked"})

    assert answer.status_code == 411


@pytest.mark.django_db
def test_ten_thousand_fields_are_too_much(client):
    fields = {f"field-{n}": "x" for n in range(10_000)}

    assert client.post("/sign-in/", fields).status_code == 413


@pytest.mark.django_db
def test_a_forged_host_is_a_bad_request(client):
    assert client.get("/sign-in/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_htmx_shows_a_problem_in_the_dialog(client, htmx):
    RegionFactory.create()
    client.force_login(OperatorFactory.create(account=AccountFactory.create()))

    answer = client.get("/bj/images/m-abcdefgh/", headers=htmx)

    assert answer.status_code == 404
    assert "<html" not in answer.content.decode()
    assert 'id="dialog-title"' in answer.content.decode()


@pytest.mark.django_db
def test_typed_text_is_escaped_wherever_it_is_shown(client):
    nasty = "<b>&\"'"
    grant = ShareGrantFactory.create(
        image__image_id="m-abcdefgh", image__desc=nasty, shared_by=nasty
    )
    client.force_login(OperatorFactory.create(account=grant.owner))

    for route in ("bj/images/", "bj/images/m-abcdefgh/", "bj/images/m-abcdefgh/unshare/"):
        assert nasty not in client.get(f"/{route}?q=%3Cb%3E%26%22%27").content.decode()


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/static/", "/manage.py"])
@pytest.mark.django_db
def test_nothing_of_the_project_itself_is_served(client, path):
    assert client.get(path).status_code == 404


def test_passwords_are_kept_with_argon2_in_production():
    assert production.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert not production.DEBUG
    assert settings.SESSION_COOKIE_HTTPONLY
