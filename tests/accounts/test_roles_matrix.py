"""Each role with each verb on each surface: the console, the API and the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.actors import Actor, Channel
from accounts.models import AuditEvent, Role
from images import sharing
from images.models import Image, Instance

from ..admin import ask, confirm
from ..console.api.programs import Program, refusal
from ..dom import get_values
from ..factories import (
    AccessKeyFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)
from ..images.views.instance_pages import fill_form

SENTENCE = "This needs the role {} in your account."


class World(NamedTuple):
    image: Image
    shared: Image
    copy: Image
    instance: Instance
    stopped: Instance
    public: Image
    recipient: Any
    unshare: AuditEvent
    colleague: Any


@pytest.fixture
def world(account):
    for code in ("bj", "gz"):
        RegionFactory.create(code=code)
    shared = ImageFactory.create(owner=account, name="shared")
    recipient = ShareGrantFactory.create(image=shared, recipient__name="payments").recipient
    unshared = ShareGrantFactory.create(image=shared, recipient__name="search").recipient
    by = Actor(account=account, name="lin", role=Role.ADMIN, channel=Channel.CONSOLE)
    unshare = sharing.unshare(image=shared, entries=[sharing.Entry("search", [unshared])], by=by)
    return World(
        image=ImageFactory.create(owner=account, name="golden"),
        shared=shared,
        copy=ImageFactory.create(owner=account, name="copy", copying=True),
        instance=InstanceFactory.create(owner=account),
        stopped=InstanceFactory.create(owner=account, stopped=True),
        public=PublicImageFactory.create(),
        recipient=recipient,
        unshare=unshare,
        colleague=AccessKeyFactory.create(user__account=account, user__username="colleague"),
    )


def of(image: Image, action: str) -> str:
    return f"/bj/images/{image.image_id}/{action}/"


def at(instance: Instance, action: str) -> str:
    return f"/bj/instances/{instance.instance_id}/{action}/"


# The lowest role, the verb that is recorded, the address and the form
CONSOLE: dict[str, tuple[str, str, Callable[[World], tuple[str, dict[str, Any]]]]] = {
    "share": (
        "sharer",
        "image.shared",
        lambda w: (of(w.image, "share"), {"accounts": "payments", "acknowledged": "on"}),
    ),
    "unshare": (
        "sharer",
        "image.unshared",
        lambda w: (of(w.shared, "unshare"), {"recipients": w.recipient.account_id}),
    ),
    "undo": (
        "sharer",
        "image.shares-restored",
        lambda w: (of(w.shared, f"restore/{w.unshare.pk}"), {}),
    ),
    "edit": (
        "admin",
        "image.edited",
        lambda w: (of(w.image, "edit"), {"name": "silver", "desc": ""}),
    ),
    "delete": ("admin", "image.deleted", lambda w: (of(w.image, "delete"), {})),
    "delete several": (
        "admin",
        "image.deleted",
        lambda w: ("/bj/images/delete/", {"image": w.image.image_id}),
    ),
    "copy": (
        "admin",
        "image.copied",
        lambda w: (of(w.image, "copy"), {"regions": "gz", "name": "golden"}),
    ),
    "cancel": ("admin", "image.copy-cancelled", lambda w: (of(w.copy, "cancel"), {})),
    "create image": (
        "admin",
        "image.created",
        lambda w: (
            "/bj/images/create/",
            {"instance": w.instance.instance_id, "name": "new", "desc": ""},
        ),
    ),
    "create instance": (
        "admin",
        "instance.created",
        lambda w: ("/bj/instances/create/", fill_form(w.public)),
    ),
    "reinstall": (
        "admin",
        "instance.reinstalled",
        lambda w: (at(w.instance, "reinstall"), fill_form(w.public)),
    ),
    "start": ("admin", "instance.started", lambda w: (at(w.stopped, "start"), {})),
    "stop": ("admin", "instance.stopped", lambda w: (at(w.instance, "stop"), {})),
    "reboot": ("admin", "instance.rebooted", lambda w: (at(w.instance, "reboot"), {})),
    "release": ("admin", "instance.released", lambda w: (at(w.instance, "release"), {})),
    "create own key": (
        "viewer",
        "access-key.created",
        lambda _w: ("/bj/access-keys/create/", {"description": "ci"}),
    ),
    "disable another's key": (
        "admin",
        "access-key.disabled",
        lambda w: (f"/bj/access-keys/{w.colleague.key_id}/disable/", {}),
    ),
    "delete another's key": (
        "admin",
        "access-key.deleted",
        lambda w: (f"/bj/access-keys/{w.colleague.key_id}/delete/", {}),
    ),
    "add person": (
        "admin",
        "person.added",
        lambda _w: ("/bj/people/add/", {"username": "new", "role": "viewer"}),
    ),
    "change role": (
        "admin",
        "person.role-changed",
        lambda w: (f"/bj/people/{w.colleague.user.pk}/role/", {"role": "viewer"}),
    ),
    "deactivate person": (
        "admin",
        "person.deactivated",
        lambda w: (f"/bj/people/{w.colleague.user.pk}/deactivate/", {}),
    ),
}


def is_allowed(role: str, needed: str) -> bool:
    ranks = ["viewer", "sharer", "admin"]
    return ranks.index(role) >= ranks.index(needed)


def get_last(verb: str) -> tuple[str, str]:
    event = AuditEvent.objects.filter(verb=verb, actor="mei").first()
    return (event.outcome, event.reason) if event else ("", "")


@pytest.mark.parametrize("role", ["viewer", "sharer", "admin"])
@pytest.mark.parametrize("name", CONSOLE)
def test_the_console_asks_for_the_role(client, world, headers, name, role):
    needed, verb, build = CONSOLE[name]
    url, form = build(world)
    person = UserFactory.create(username="mei", account=world.image.owner, role=role)
    client.force_login(person)

    opened = client.get(url, headers=headers)
    answer = client.post(url, form, headers=headers)

    if is_allowed(role, needed):
        assert answer.status_code < 400, answer.content.decode()
        assert get_last(verb) == ("done", "")
    else:
        label = {"sharer": "Sharer", "admin": "Administrator"}[needed]
        assert (opened.status_code, answer.status_code) == (403, 403)
        assert SENTENCE.format(label) in answer.content.decode()
        assert get_last(verb) == ("refused", "role-needed")


LOOKS = [
    "/bj/",
    "/bj/images/",
    "/bj/instances/",
    "/bj/activity/",
    "/bj/inbox/",
    "/bj/access-keys/",
    "/bj/people/",
    "/bj/images/{image}/",
    "/bj/images/{image}/recipients.csv",
    "/bj/instances/{instance}/",
]


@pytest.mark.parametrize("url", LOOKS)
def test_a_viewer_looks_at_everything(client, account, world, url):
    client.force_login(UserFactory.create(account=account, role="viewer"))

    path = url.format(image=world.shared.image_id, instance=world.instance.instance_id)

    answer = client.get(path)
    answer.close()  # the file of an export

    assert answer.status_code == 200


def put(path: str, query: str = "", body: dict[str, Any] | None = None) -> tuple[Any, ...]:
    return "PUT", path, query, body or {}


def post(path: str, query: str = "", body: dict[str, Any] | None = None) -> tuple[Any, ...]:
    return "POST", path, query, body or {}


API: dict[str, tuple[str, str, Callable[[World], tuple[Any, ...]]]] = {
    "share": (
        "sharer",
        "image.shared",
        lambda w: post(f"image/{w.image.image_id}", "share", {"account": "payments"}),
    ),
    "unshare": (
        "sharer",
        "image.unshared",
        lambda w: post(f"image/{w.shared.image_id}", "unshare", {"account": "payments"}),
    ),
    "rename": (
        "admin",
        "image.edited",
        lambda w: put("image/rename", body={"imageId": w.image.image_id, "name": "silver"}),
    ),
    "delete": (
        "admin",
        "image.deleted",
        lambda w: ("DELETE", f"image/{w.image.image_id}", "", None),
    ),
    "copy": (
        "admin",
        "image.copied",
        lambda w: post(
            f"image/{w.image.image_id}", "remoteCopy", {"name": "golden", "destRegion": ["gz"]}
        ),
    ),
    "cancel": (
        "admin",
        "image.copy-cancelled",
        lambda w: post(f"image/{w.copy.image_id}", "cancelRemoteCopy"),
    ),
    "create image": (
        "admin",
        "image.created",
        lambda w: post("image", body={"imageName": "new", "instanceId": w.instance.instance_id}),
    ),
    "create instance": (
        "admin",
        "instance.created",
        lambda w: post(
            "instanceBySpec",
            body={"imageId": w.public.image_id, "spec": "bcc.g5.c2m8", "name": "web"},
        ),
    ),
    "start": (
        "admin",
        "instance.started",
        lambda w: put(f"instance/{w.stopped.instance_id}", "start"),
    ),
    "stop": (
        "admin",
        "instance.stopped",
        lambda w: put(f"instance/{w.instance.instance_id}", "stop", {"forceStop": False}),
    ),
    "reboot": (
        "admin",
        "instance.rebooted",
        lambda w: put(f"instance/{w.instance.instance_id}", "reboot", {"forceStop": False}),
    ),
    "release": (
        "admin",
        "instance.released",
        lambda w: ("DELETE", f"instance/{w.instance.instance_id}", "", None),
    ),
}


@pytest.mark.parametrize("role", ["viewer", "sharer", "admin"])
@pytest.mark.parametrize("name", API)
def test_a_key_has_the_role_of_its_person(account, world, name, role):
    needed, verb, build = API[name]
    person = UserFactory.create(username="mei", account=account, role=role)
    program = Program(AccessKeyFactory.create(user=person))
    method, path, query, body = build(world)

    answer = program(method, f"/v2/{path}", body, **({query: ""} if query else {}))

    if is_allowed(role, needed):
        assert answer.status_code == 200, answer.content
        assert get_last(verb) == ("done", "")
    else:
        label = {"sharer": "Sharer", "admin": "Administrator"}[needed]
        assert refusal(answer) == (403, "AccessDenied", SENTENCE.format(label))
        assert get_last(verb) == ("refused", "role-needed")


def test_a_viewers_key_reads_everything(account, world):
    program = Program(AccessKeyFactory.create(user__account=account, user__role="viewer"))

    for path in ("image", f"image/{world.shared.image_id}/sharedUsers", "instance"):
        assert program("GET", f"/v2/{path}").status_code == 200


def test_a_role_counts_from_the_next_request_on(account, world):
    key = AccessKeyFactory.create(user__account=account, user__role="sharer")
    program = Program(key)
    path = f"/v2/image/{world.image.image_id}"

    assert program("POST", path, {"account": "payments"}, share="").status_code == 200
    key.user.role = "viewer"
    key.user.save()

    assert program("POST", path, {"account": "payments"}, unshare="").status_code == 403


@pytest.mark.parametrize("role", ["viewer", "sharer", "admin"])
def test_the_role_of_an_operator_counts_in_the_console_and_not_in_the_admin(world, role):
    operator = OperatorFactory.create(account=world.image.owner, role=role)
    browser = Client()
    browser.force_login(operator)
    deletion = of(world.image, "delete")
    lists = {
        "instance": ("release", [world.instance]),
        "accesskey": ("disable", [world.colleague]),
    }

    assert browser.get(deletion).status_code == (200 if role == "admin" else 403)
    for model, (action, chosen) in lists.items():
        app = "accounts" if model == "accesskey" else "images"
        page = f"/admin/{app}/{model}/"
        confirm(browser, page, ask(browser, page, action, *chosen))
    share = f"/admin/images/image/{world.image.pk}/share/"
    shown = get_values(browser.post(share, {"accounts": "payments", "check": "1"}), "shown")
    accepted = {"accounts": "payments", "shown": shown, "acknowledged": "on", "ok": "1"}
    browser.post(share, accepted)

    world.instance.refresh_from_db()
    world.colleague.refresh_from_db()
    assert world.instance.released_at
    assert not world.colleague.is_active
    assert world.image.grants.count() == 1
