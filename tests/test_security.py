"""What no single module keeps: the rows of docs/security.md that have no other test."""

from __future__ import annotations

import io
import logging
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AccessKey, AuditEvent, Session, User
from images.models import Image, Instance, ShareGrant

from .accounts.signing_in import sign_in
from .console.api.programs import Program
from .console.visitors import World, get_routes
from .factories import (
    PASSWORD,
    SECRET,
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)

LIST = (settings.BASE_DIR / "docs/security.md").read_text()
ROWS = re.findall(r"^\| (\d+) \|(?:[^|]*\|){2}([^|]*)\|$", LIST, re.MULTILINE)
NEW = "another-correct-horse"


@pytest.fixture
def person(account):
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    return UserFactory.create(username="mei", account=account)


def find_tests():
    """Return the name of every test."""
    texts = (file.read_text() for file in (settings.BASE_DIR / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_the_list_has_every_row_and_each_names_tests_that_exist():
    named = {int(number): re.findall(r"`(test_\w+)`", tests) for number, tests in ROWS}

    assert list(named) == list(range(1, 43))
    assert [number for number, tests in named.items() if not tests] == []
    missing = set(re.findall(r"`(test_\w+)`", LIST)) - find_tests()
    assert missing == set()


@pytest.mark.django_db
def test_a_new_password_makes_a_new_session_id(client, person):
    sign_in(client)
    before = client.session.session_key

    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    client.post("/bj/profile/password/", typed)

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert client.get("/bj/profile/").status_code == 200


class CountingHasher(MD5PasswordHasher):
    algorithm = "counting"
    count = 0

    def encode(self, password, salt):
        CountingHasher.count += 1
        return super().encode(password, salt)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["mei", "nobody"])
def test_an_unknown_name_costs_one_hash_too(client, person, settings, name):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    person.set_password(PASSWORD)
    person.save()
    CountingHasher.count = 0

    sign_in(client, name, password="wrong")

    assert CountingHasher.count == 1


@pytest.mark.django_db
def test_every_character_of_a_long_password_counts(client, person, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    person.set_password("x" * 100 + "a")
    person.save()

    assert sign_in(client, password="x" * 100 + "b").status_code == 422
    assert sign_in(client, password="x" * 100 + "a").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_without_a_proxy_a_forwarded_address_is_ignored(client, person, settings, header):
    settings.TRUSTED_PROXIES = 0

    sign_in(client, headers={header: "6.6.6.6"})

    assert AuditEvent.objects.get(verb="session.signed-in").address == "127.0.0.1"


@pytest.mark.django_db
def test_every_cookie_is_httponly_of_this_site_and_secure(client, person, settings):
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_SECURE", True)
    sign_in(client)
    client.get("/bj/images/")
    client.post("/language/", {"language": "en"})
    client.post("/bj/profile/sign-out-elsewhere/")  # a message

    known = {"known-browser", "region"}
    django = {"sessionid", "csrftoken", "messages", "django_language"}
    assert set(client.cookies) == known | django
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)


# Each form that stores something, with the event of its success and its own fields
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "images/{image}/edit/": ("image.edited", {"name": "golden", "desc": "new"}),
    "images/{image}/copy/": ("image.copied", {"regions": "gz", "name": "golden"}),
    "images/{image}/share/": ("image.shared", {"accounts": "payments", "acknowledged": "on"}),
    "images/create/": ("image.created", {"instance": "{instance}", "name": "golden", "desc": ""}),
    "instances/{instance}/stop/": ("instance.stopped", {}),
    "instances/{instance}/reinstall/": (
        "instance.reinstalled",
        {"image": "{image}", "login": "image"},
    ),
    "instances/create/": (
        "instance.created",
        {
            "image": "{image}",
            "spec": "bcc.g5.c2m8",
            "name": "web",
            "count": "1",
            "login": "image",
        },
    ),
    "access-keys/create/": ("access-key.created", {"description": "ci"}),
    "people/{person}/role/": ("person.role-changed", {"role": "sharer"}),
    "people/add/": ("person.added", {"username": "wei", "role": "viewer"}),
    "profile/password/": (
        "person.password-changed",
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    ),
}
# What a forged form could try to set
FORGED = {
    "type": "System",
    "status": "Error",
    "settled_status": "Error",
    "region": "gz",
    "region_id": "gz",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "role": "admin",
    "shared_by": "forged",
    "image_id": "m-forged00",
    "instance_id": "i-forged00",
    "key_id": "f" * 32,
    "encrypted_secret": "forged",
    "released_at": "2020-01-01",
    "expires_at": "2020-01-01",
    "created_at": "2020-01-01",
    "last_used_at": "2020-01-01",
    "encrypted": "on",
    "size_gb": "1",
    "cpu_count": "64",
}
STORED = (Image, Instance, ShareGrant, User, AccessKey)
RANDOM = {"id", "image_id", "instance_id", "key_id", "encrypted_secret", "internal_ip", "password"}


def read_rows_after(person, url, fields):
    """Return all rows as they are after a form, without what is random. Undo it."""
    client = Client()
    with transaction.atomic():
        client.force_login(person)
        assert client.post(url, fields).status_code in {200, 303}
        rows = [row for model in STORED for row in model.objects.order_by("pk").values()]
        transaction.set_rollback(True)
    assert "forged" not in repr(rows)
    return [{name: value for name, value in row.items() if name not in RANDOM} for row in rows]


@pytest.fixture
def ids(account):
    AccountFactory.create(name="payments")
    return {
        "image": ImageFactory.create(owner=account, image_id="m-golden00").image_id,
        "instance": InstanceFactory.create(owner=account).instance_id,
        "person": UserFactory.create(account=account, username="lin", role="viewer").pk,
    }


def fill(form, ids):
    """Return the URL of a form and its own fields."""
    _event, fields = FORMS[form]
    own = {name: value.format(**ids) for name, value in fields.items()}
    return f"/bj/{form.format(**ids)}", own


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_no_form_sets_more_than_its_fields(person, ids, form, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    names = ("id", "pk", "owner", "owner_id", "account", "account_id", "user", "user_id")
    other = AccountFactory.create()
    forged = FORGED | dict.fromkeys((*names, "recipient", "recipient_id"), other.pk)
    url, own = fill(form, ids)

    honest = read_rows_after(person, url, own)

    assert read_rows_after(person, url, forged | own) == honest


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_each_form_adds_its_event(client, person, ids, form):
    client.force_login(person)
    url, own = fill(form, ids)

    client.post(url, own)

    event, _fields = FORMS[form]
    assert AuditEvent.objects.get(verb=event).actor == "mei"
    assert not AuditEvent.objects.exclude(outcome="done").exists()


INJECTION = "x' OR true --"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "search", ["images/?q", "instances/?q", "activity/?image", "activity/?account"]
)
def test_a_quote_in_a_search_is_text(client, person, ids, search):
    client.force_login(person)
    address, _, name = search.partition("?")
    client.post(f"/bj/images/{ids['image']}/edit/", {"name": "golden", "desc": ""})

    every = client.get(f"/bj/{address}").content.decode()
    found = client.get(f"/bj/{address}", {name: INJECTION})

    assert found.status_code == 200
    for link in (f"/bj/images/{ids['image']}/", f"/bj/instances/{ids['instance']}/"):
        assert link not in found.content.decode()
    assert "m-golden00" in every or ids["instance"] in every


@pytest.mark.django_db
@pytest.mark.parametrize(
    "search", ["image?imageName", "instance?instanceNames", "instance?fuzzyInstanceName"]
)
def test_a_quote_in_a_query_of_the_api_is_text(person, ids, search):
    program = Program(AccessKeyFactory.create(user=person))
    kind, _, name = search.partition("?")

    every, found = (
        program("GET", f"/v2/{kind}", **query).json()[f"{kind}s"]
        for query in ({}, {name: INJECTION})
    )

    assert (len(every), found) == (1, [])


@pytest.mark.django_db
def test_the_name_of_a_file_has_nothing_that_was_typed(client, account, person):
    typed = 'a"\r\nX-Evil: 1/../../x.csv'
    grant = ShareGrantFactory.create(image__owner=account, image__name=typed, shared_by=typed)
    client.force_login(person)

    paths = {
        f"images/{grant.image.image_id}/recipients.csv": f"{grant.image.image_id}-recipients.csv",
        "activity/export/csv/": "activity.csv",
    }
    for path, name in paths.items():
        answer = client.get(f"/bj/{path}", {"image": typed})
        answer.getvalue()
        assert "X-Evil" not in answer
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def log():
    """Yield everything that the console logs, at every level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(lambda record: not record.name.startswith("baidubce"))  # the client's log
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db
def test_the_log_has_no_password_secret_or_session(client, account, person, log):
    image = ImageFactory.create(owner=account)
    program = Program(AccessKeyFactory.create(user=person))
    sign_in(client, password="wrong-battery-staple")
    sign_in(client)
    session = client.session.session_key
    client.get(f"/bj/images/{image.image_id}/")
    client.post("/bj/access-keys/create/", {"description": "ci"})
    program("GET", "/v2/image")
    signature = program.signed("GET", "/v2/image", b"", {}, {})["Authorization"].rpartition("/")[2]
    Client().get("/nowhere/")

    written = log.getvalue() + repr(list(AuditEvent.objects.values()))

    assert "/v2/image" in written
    for private in (PASSWORD, "wrong-battery-staple", SECRET, session, signature):
        assert private not in written


class Tags(HTMLParser):
    """The elements that are open. Every one must be closed, and in the right order."""

    void = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}

    def __init__(self, html):
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Open nothing: `<path />` is closed, in SVG."""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.django_db
def test_every_page_is_well_formed():
    world = World()
    browser = world.browser("admin")

    for route in get_routes():
        if route.startswith("<region:region>/"):
            answer = browser.get(world.fill(route))
            html = answer.getvalue().decode()
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                Tags(html)
                ids = re.findall(r'\sid="([^"]+)"', html)
                assert len(ids) == len(set(ids)), route
