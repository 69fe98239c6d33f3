"""Operators use the same verbs, with the same refusals, and every change is recorded."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import AuditEvent
from images.models import Image, Instance, Region, ShareGrant

from ..admin import last_event
from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page",
    [
        "accounts/account",
        "accounts/user",
        "accounts/auditevent",
        "accounts/accesskey",
        "images/region",
        "images/image",
        "images/sharegrant",
        "images/instance",
    ],
)
def test_operators_can_view_every_model(operator, page):
    grant = ShareGrantFactory.create()
    AccessKeyFactory.create(user__account=grant.owner)
    PublicImageFactory.create()
    InstanceFactory.create()
    operator.post(f"/admin/images/image/{grant.image.pk}/delete/", {"post": "yes"})

    listed = operator.get(f"/admin/{page}/")
    found = operator.get(f"/admin/{page}/?q=a")

    assert (listed.status_code, found.status_code) == (200, 200)
    first = listed.context["cl"].result_list[0]
    assert operator.get(f"/admin/{page}/{first.pk}/change/").status_code == 200


def test_operators_manage_regions_and_public_images(operator):
    operator.post(
        "/admin/images/region/add/",
        {"code": "cd", "name_en": "Chengdu", "name_zh": "成都", "position": 9},
    )
    answer = operator.post(
        "/admin/images/image/add/",
        {
            "region": "cd",
            "type": "System",
            "settled_status": "Available",
            "name": "Debian-13",
            "os_type": "linux",
            "os_name": "Debian",
            "os_version": "13",
            "os_arch": "x86_64 (64bit)",
            "os_lang": "ENG",
            "size_gb": 20,
            "min_disk_gb": 20,
        },
    )
    image = Image.objects.get()
    assert answer.status_code == 302
    assert (image.name, image.owner, Region.objects.get(code="cd")) == (
        "Debian-13",
        None,
        image.region,
    )
    assert last_event() == ("admin", "op", "record.added", "done", image.image_id)

    operator.post(f"/admin/images/image/{image.pk}/delete/", {"post": "yes"})
    assert not Image.objects.exists()
    assert last_event() == ("admin", "op", "image.deleted", "done", image.image_id)


def test_a_custom_image_is_read_only(operator):
    image = ImageFactory.create(name="golden")

    answer = operator.post(
        f"/admin/images/image/{image.pk}/change/", {"name": "stolen", "owner": ""}
    )

    assert answer.status_code == 403
    assert Image.objects.get().name == "golden"


def test_a_custom_image_cannot_be_created_around_the_quota(operator):
    RegionFactory.create()
    account = AccountFactory.create()

    answer = operator.post(
        "/admin/images/image/add/",
        {"region": "bj", "type": "Custom", "owner": account.pk, "name": "x", "os_name": "x"},
    )

    assert answer.status_code == 200
    assert not Image.objects.exists()


def test_a_share_by_an_operator_gets_the_same_verdicts(operator):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    share = f"/admin/images/image/{image.pk}/share/"

    refused = operator.post(share, {"accounts": f"{recipient.name} nobody"})
    assert "Account not found" in refused.content.decode()
    assert last_event() == ("admin", "op", "image.shared", "refused", image.image_id)
    assert not ShareGrant.objects.exists()

    shared = operator.post(share, {"accounts": recipient.name})
    assert shared.status_code == 302
    assert image.grants.get().shared_by == "op"
    assert last_event() == ("admin", "op", "image.shared", "done", image.image_id)


def test_an_operator_cannot_share_public_or_unavailable_images(operator):
    public = PublicImageFactory.create()
    creating = ImageFactory.create(creating=True)

    for image, sentence in (
        (public, "Only custom images can be shared, copied, edited or deleted."),
        (creating, "Only available images can be shared, copied or used."),
    ):
        share = f"/admin/images/image/{image.pk}/share/"
        assert sentence in operator.get(share, follow=True).content.decode()
        forced = operator.post(share, {"accounts": AccountFactory.create().name}, follow=True)
        assert sentence in forced.content.decode()
        assert last_event() == ("admin", "op", "image.shared", "refused", image.image_id)


def test_an_operator_cannot_delete_a_shared_image(operator):
    grant = ShareGrantFactory.create()

    page = operator.post(
        f"/admin/images/image/{grant.image.pk}/delete/", {"post": "yes"}, follow=True
    )

    assert "Shared with 1 account. Unshare it first." in page.content.decode()
    assert Image.objects.get() == grant.image
    assert last_event() == ("admin", "op", "image.deleted", "refused", grant.image.image_id)


def test_an_operator_can_unshare_several_grants_at_once(operator):
    image = ImageFactory.create()
    chosen_grants = ShareGrantFactory.create_batch(2, image=image)
    other = ShareGrantFactory.create(image=image)

    operator.post(
        "/admin/images/sharegrant/",
        {"action": "unshare", "_selected_action": [grant.pk for grant in chosen_grants]},
    )

    assert list(ShareGrant.objects.all()) == [other]
    assert last_event() == ("admin", "op", "image.unshared", "done", image.image_id)
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("page", ["images/sharegrant", "accounts/auditevent"])
def test_grants_and_audit_events_cannot_be_edited(operator, page):
    grant = ShareGrantFactory.create()
    operator.post(f"/admin/images/image/{grant.image.pk}/delete/", {"post": "yes"})
    row = grant if "sharegrant" in page else AuditEvent.objects.get()

    answers = [
        operator.get(f"/admin/{page}/add/"),
        operator.post(f"/admin/{page}/add/", {}),
        operator.post(f"/admin/{page}/{row.pk}/change/", {}),
        operator.post(f"/admin/{page}/{row.pk}/delete/", {"post": "yes"}),
    ]
    operator.post(f"/admin/{page}/", {"action": "delete_selected", "_selected_action": [row.pk]})

    assert [answer.status_code for answer in answers] == [403] * 4
    assert ShareGrant.objects.count() == AuditEvent.objects.count() == 1


def test_staff_without_the_permission_cannot_share(client):
    image = ImageFactory.create()
    clerk = OperatorFactory.create(is_superuser=False)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_image"))
    client.force_login(clerk)

    page = client.get(f"/admin/images/image/{image.pk}/change/")
    forced = client.get(f"/admin/images/image/{image.pk}/share/")

    assert (page.status_code, forced.status_code) == (200, 403)
    assert "/share/" not in page.content.decode()


def test_operators_can_only_release_instances(operator):
    web, busy = InstanceFactory.create(name="web"), InstanceFactory.create(image_processing=True)

    chosen = {"action": "release", "_selected_action": [web.pk, busy.pk]}
    page = text_of(operator.post("/admin/images/instance/", chosen, follow=True))

    assert "Web was released." in page
    assert (
        f"{busy.name.capitalize()}: An image is being created from this instance. "
        "Wait until it's complete."
    ) in page
    assert list(Instance.objects.live()) == [busy]
    assert AuditEvent.objects.filter(verb="instance.released", channel="admin").count() == 2
    for path in ("add/", f"{web.pk}/delete/"):
        assert operator.get(f"/admin/images/instance/{path}").status_code == 403
    changed = operator.post(f"/admin/images/instance/{busy.pk}/change/", {"name": "taken"})
    assert changed.status_code == 403


def test_releasing_needs_the_permission(client):
    viewer = OperatorFactory.create(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_instance"))
    client.force_login(viewer)
    instance = InstanceFactory.create()

    chosen = {"action": "release", "_selected_action": [instance.pk]}
    client.post("/admin/images/instance/", chosen)

    assert list(Instance.objects.live()) == [instance]
