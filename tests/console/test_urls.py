"""Every URL, for everybody who may come, with every method."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AccessKey, User
from images.models import Image, Instance, ShareGrant

from ..factories import FAR, UserFactory
from .url_table import read_table
from .visitors import OTHER_ID, VISITORS, World, get_routes

pytestmark = pytest.mark.django_db

ROWS = read_table()
# Regular expressions of Django: the language of a JavaScript catalog, and what nothing matches
UNNAMED = {route for route in get_routes() if "(?P" in route or "\\" in route}
# What may grow with a GET: the trail tells who looked, and counters count.
GROWING = (
    *("accounts_auditevent", "accounts_accountevent", "accounts_refusaltally"),
    *("accounts_attempt", "accounts_chargedtext"),
)


@pytest.fixture
def world(db):
    return World()


def count_rows():
    """Return the number of rows of each table, except of those that tell or count requests."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        kept = [name for name in names if not name.startswith(GROWING)]
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in kept)  # noqa: S608
        )
        return dict(cursor.fetchall())


def send(browser, method, path, **extra):
    answer = browser.generic(
        method, path, content_type="application/x-www-form-urlencoded", **extra
    )
    answer.getvalue()
    if file := getattr(answer, "file_to_stream", None):
        file.close()
    return answer


def get_row(route, method, visitor):
    return ROWS[route][method][VISITORS.index(visitor)]


def test_every_url_has_a_row():
    assert set(get_routes()) - UNNAMED == set(ROWS)
    assert {len(numbers) for row in ROWS.values() for numbers in row.values()} == {8}


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_get_is_as_in_the_table_and_changes_nothing(world, visitor):
    browser = world.browser(visitor)
    before = count_rows()

    found = {route: send(browser, "GET", world.fill(route)).status_code for route in ROWS}

    assert found == {route: get_row(route, "GET", visitor) for route in ROWS}
    assert count_rows() == before


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_post_is_as_in_the_table(world, visitor):
    found = {}
    for route in ROWS:
        with transaction.atomic():
            browser = world.browser(visitor)
            found[route] = send(browser, "POST", world.fill(route)).status_code
            transaction.set_rollback(True)

    assert found == {route: get_row(route, "POST", visitor) for route in ROWS}


def copy_to_nobody(_world):
    ShareGrant.objects.all().delete()
    Image.objects.update(passing_status="Copying", settles_at=FAR)


# What makes an action possible that the world's objects don't allow
PREPARATIONS = {
    "images/<image_id:image_id>/delete/": lambda _: ShareGrant.objects.all().delete(),
    "images/<image_id:image_id>/cancel/": copy_to_nobody,
    "instances/<instance_id:instance_id>/start/": lambda _: Instance.objects.update(
        settled_status="Stopped"
    ),
    "access-keys/<key_id:key_id>/enable/": lambda world: AccessKey.objects.update(
        user=world.people["admin"], is_active=False
    ),
    "people/<int:pk>/reactivate/": lambda world: User.objects.filter(pk=world.colleague.pk).update(
        is_active=False
    ),
}


@pytest.mark.parametrize("route", PREPARATIONS)
def test_a_get_only_asks_about_what_a_post_would_do(world, route):
    PREPARATIONS[route](world)
    browser, path = world.browser("admin"), world.fill(f"<region:region>/{route}")

    found = [send(browser, method, path).status_code for method in ("GET", "GET", "POST", "POST")]

    assert found[:3] == [200, 200, 303]
    assert found[3] in {404, 422}


@pytest.mark.parametrize("visitor", ["nobody", "admin", "operator"])
def test_no_other_method_does_anything(world, visitor):
    browser = world.browser(visitor)
    before = count_rows()
    odd = {}

    for route in ROWS:
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"):
            status = send(browser, method, world.fill(route)).status_code
            is_refused = 400 <= status < 500 or method == "OPTIONS"
            if status != get_row(route, "GET", visitor) and not is_refused:
                odd[method, route] = status

    assert odd == {}
    assert count_rows() == before


# Another account's objects

MISSING = {
    "image_id": "m-zzzzzzzz",
    "instance_id": "i-zzzzzzzz",
    "key_id": OTHER_ID,
    "pk": "987654321",
    "event": "987654321",
}
OBJECTS = [
    route
    for route in ROWS
    if route.startswith("<region:region>/") and route.count("<") > 1 and "path:rest" not in route
]


def without_ids(answer, *names):
    """Return the status and the body without what differs between any two requests."""
    body = answer.getvalue().decode()
    for name in names:
        body = body.replace(name, "ID")
    body = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REQUEST", body)
    body = re.sub(r'(csrfmiddlewaretoken"? value="|X-CSRFToken[^A-Za-z0-9]+)\w+', "CSRF", body)
    return answer.status_code, re.sub(r'(name="form_id" value=")[^"]+', "FORM", body)


def test_the_urls_of_objects_are_found():
    assert len(OBJECTS) >= 20


@pytest.mark.parametrize("page", ["plain", "htmx"])
def test_what_belongs_to_another_account_looks_like_nothing(world, page, htmx, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # a page shows when it was made
    headers = htmx if page == "htmx" else {}
    UserFactory.create(account=world.stranger)
    browser = world.browser("stranger")

    for route in OBJECTS:
        real, missing = world.fill(route), world.fill(route, **MISSING)
        for method in ("GET", "POST"):
            answers = [send(browser, method, path, headers=headers) for path in (real, missing)]
            ids = (*world.ids.values(), *MISSING.values())
            theirs, nothing = (without_ids(answer, *filter(is_long, ids)) for answer in answers)
            assert theirs == nothing, (method, route)
            assert theirs[0] in {302, 404, 405}, (method, route)


def is_long(text):
    return len(text) > 5
