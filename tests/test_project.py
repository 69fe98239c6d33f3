"""Requirements for every page, including pages added later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from psycopg import sql

from accounts.models import AuditEvent, Session

from .factories import (
    AccessKeyFactory,
    InstanceFactory,
    OperatorFactory,
    ShareGrantFactory,
)

# URLs that need no sign-in, and why
OPEN = {
    "sign-in/": "the sign-in page itself",
    "sign-in/sso/": "single sign-on",
    "sign-in/sso/callback/": "the provider sends the browser back to it",
    "sign-in/sso/logout/": "the provider calls it with a signed token",
    "sign-out/": "without a session there is nothing to end",
    "healthz": "for probes",
    "readyz": "for probes",
    "favicon.ico": "an icon",
    "invitation/Mg/token/": "its token is the proof",
    "language/": "the sign-in page has a language switch",
    "admin/login/": "redirects to the sign-in page",
}


KEY_ID = "0123456789abcdef" * 2

VALUES = {
    "<key_id:key_id>": "0123456789abcdef" * 2,
    "<key_id:account_id>": "0123456789abcdef" * 2,
    "<region:region>": "bj",
    "<image_id:image_id>": "m-abcdefgh",
    "<instance_id:instance_id>": "i-abcdefgh",
    "<uidb64>": "Mg",
    "<token>": "token",
    "<path:object_id>": "1",
    "<id>": "1",
    "<int:content_type_id>": "1",
    "<int:event>": "1",
    "<int:pk>": "1",
    "<path:rest>": "1",
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


def test_the_list_of_routes_contains_the_pages():
    assert {
        "bj/",
        "bj/images/",
        "bj/images/m-abcdefgh/share/",
        "bj/instances/i-abcdefgh/release/",
        "admin/images/image/",
    } <= set(ROUTES)
    assert not [route for route in ROUTES if "<" in route]


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if route not in OPEN])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_url_needs_sign_in(client, route, method):
    answer = getattr(client, method)(f"/{route}")

    assert answer.status_code == 302
    assert answer.url.startswith(("/sign-in/?next=", "/admin/login/?next="))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "",
        "bj/access-keys/",
        "bj/access-keys/create/",
        "bj/activity/",
        "bj/activity/export/csv/",
        "bj/",
        "bj/images/",
        "bj/images/create/",
        "bj/images/m-abcdefgh/share/",
        "bj/instances/",
        "bj/instances/create/",
        "bj/images/m-abcdefgh/restore/1/",
        "bj/instances/progress/",
        "bj/instances/i-abcdefgh/reinstall/",
        "styleguide/dialog/",
        "bj/inbox/",
        "bj/inbox/seen/",
        "bj/profile/",
        "bj/profile/password/",
        "bj/people/",
        "bj/people/add/",
    ],
)
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
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner, image=grant.image)
    account_person = OperatorFactory.create(account=grant.owner)
    AccessKeyFactory.create(user=account_person, key_id=KEY_ID)
    client.force_login(account_person)
    before = rows_of_all_tables()

    for route in ROUTES:
        client.get(f"/{route}").getvalue()

    after = rows_of_all_tables()
    events = AuditEvent.objects.values_list("verb", flat=True)
    assert {*events} <= {"export.written"}, "only an export leaves a trace"
    trail = {name: before[name] for name in ("accounts_auditevent", "accounts_accountevent")}
    assert after | trail == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "bj/access-keys/",
        "bj/access-keys/create/",
        f"bj/access-keys/{KEY_ID}/delete/",
        "bj/activity/",
        "bj/activity/export/csv/",
        "bj/activity/export/jsonl/",
        "bj/",
        "bj/images/",
        "bj/images/create/",
        "bj/images/progress/",
        "bj/images/m-abcdefgh/share/",
        "bj/images/m-abcdefgh/copy/",
        "bj/inbox/",
        "bj/profile/",
        "bj/profile/password/",
        "new-password/",
        "bj/instances/",
        "bj/instances/create/",
        "bj/instances/i-abcdefgh/",
        "bj/instances/i-abcdefgh/reinstall/",
        "bj/instances/i-abcdefgh/start/",
        "bj/people/",
        "bj/people/add/",
        "styleguide/",
        "styleguide/dialog/",
        "sign-in/",
        "nowhere",
        "admin/",
    ],
)
def test_every_page_has_the_security_headers(client, route):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner)
    person = OperatorFactory.create(account=grant.owner)
    AccessKeyFactory.create(user=person, key_id=KEY_ID)
    client.force_login(person)

    answer = client.get(f"/{route}")
    answer.getvalue()
    headers = answer.headers

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
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "HX-Request" in headers["Vary"]
    assert len(headers["x-bce-request-id"]) == 36
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.django_db
def test_pages_have_no_inline_code_and_refer_to_no_other_host(client):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner, starting=True)
    client.force_login(OperatorFactory.create(account=grant.owner))
    pages = [route for route in ROUTES if route.startswith("bj/")]

    for route in ["sign-in/", "bj/activity/", "bj/inbox/", "styleguide/", *pages]:
        html = client.get(f"/{route}").getvalue().decode()
        assert " style=" not in html
        assert " onclick=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert "://" not in html


@pytest.mark.django_db
def test_no_form_makes_the_browser_show_a_bubble(client):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner)
    client.force_login(OperatorFactory.create(account=grant.owner))
    pages = [route for route in ROUTES if route.startswith("bj/")]
    field = re.compile(r'<(select|textarea|input (?![^>]*type="(hidden|submit|checkbox)"))')

    for route in ["sign-in/", "styleguide/", *pages]:
        html = client.get(f"/{route}").getvalue().decode()
        for form in re.findall(r"<form.*?</form>", html, flags=re.DOTALL):
            opening, _, content = form.partition(">")
            # htmx checks fields without a bubble.
            is_quiet = "novalidate" in opening or "hx-get" in opening
            assert is_quiet or not field.search(content), (route, opening)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "sign-in/",
        "language/",
        "bj/inbox/seen/",
        "bj/images/m-abcdefgh/restore/1/",
        "bj/images/m-abcdefgh/share/take/",
        "bj/access-keys/create/",
        f"bj/access-keys/{KEY_ID}/disable/",
        f"bj/access-keys/{KEY_ID}/delete/",
        "bj/people/add/",
        "sign-out/",
        "new-password/",
        "bj/profile/password/",
        "bj/profile/sign-out-elsewhere/",
        "bj/images/m-abcdefgh/share/",
        "bj/images/m-abcdefgh/unshare/",
        "bj/images/m-abcdefgh/delete/",
        "bj/images/m-abcdefgh/copy/",
        "bj/images/m-abcdefgh/cancel/",
        "bj/images/create/",
        "bj/instances/create/",
        "bj/instances/i-abcdefgh/reinstall/",
        "bj/instances/i-abcdefgh/start/",
        "bj/instances/i-abcdefgh/stop/",
        "bj/instances/i-abcdefgh/reboot/",
        "bj/instances/i-abcdefgh/release/",
        "styleguide/dialog/",
    ],
)
def test_a_form_without_its_token_is_refused(route):
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner)
    browser = Client(enforce_csrf_checks=True)
    person = OperatorFactory.create(account=grant.owner)
    AccessKeyFactory.create(user=person, key_id=KEY_ID)
    browser.force_login(person)
    typed = {
        "recipients": grant.recipient.account_id,
        "image": "m-abcdefgh",
        "instance": "i-abcdefgh",
        "regions": "gz",
        "spec": "bcc.g5.c2m8",
        "name": "web",
        "count": "1",
        "login": "image",
    }
    before = rows_of_all_tables()

    answer = browser.post(f"/{route}", typed)

    assert answer.status_code == 403
    assert rows_of_all_tables() == before
    assert "This form has expired" in answer.content.decode()
    assert grant.image.grants.count() == 1
    assert Session.objects.count() == 1


@pytest.mark.django_db
def test_typed_text_is_escaped_wherever_it_is_shown(client):
    markup = "<b>&\"'"
    grant = ShareGrantFactory.create(
        image__image_id="m-abcdefgh", image__desc=markup, shared_by=markup
    )
    InstanceFactory.create(
        instance_id="i-abcdefgh",
        owner=grant.owner,
        desc=markup,
        name=markup,
        image_name=markup,
        starting=True,
    )
    client.force_login(OperatorFactory.create(account=grant.owner))
    query = "&".join(f"{key}=%3Cb%3E%26%22%27" for key in ("q", "image", "instance", "recipients"))

    for route in ROUTES:
        if route.startswith("bj/"):
            assert markup not in client.get(f"/{route}?{query}").getvalue().decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route",
    [
        "bj/images/create/",
        "bj/images/m-abcdefgh/copy/",
        "bj/images/m-abcdefgh/edit/",
        "bj/instances/create/",
        "bj/instances/i-abcdefgh/reinstall/",
    ],
)
def test_typed_text_is_escaped_when_it_is_refused(client, route):
    markup = "<b>&\"'"
    grant = ShareGrantFactory.create(image__image_id="m-abcdefgh")
    InstanceFactory.create(instance_id="i-abcdefgh", owner=grant.owner)
    client.force_login(OperatorFactory.create(account=grant.owner))
    fields = ("image", "instance", "regions", "name", "desc", "count", "spec", "login", "type")

    answer = client.post(f"/{route}", dict.fromkeys((*fields, "system_disk_gb"), markup))

    assert answer.status_code == 422
    assert markup not in answer.content.decode()


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/static/", "/manage.py"])
@pytest.mark.django_db
def test_the_files_of_the_project_are_not_served(client, path):
    assert client.get(path).status_code == 404


def test_the_scripts_stay_small():
    scripts = (Path(__file__).parents[1] / "static" / "js").glob("*.js")

    assert sum(len(script.read_text().splitlines()) for script in scripts) <= 400
