from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import ShareGrant

from ...admin import ask, confirm, last_event
from ...dom import find_all, get_text
from ...factories import (
    ImageFactory,
    InstanceFactory,
    ShareGrantFactory,
)
from ..pages import text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/images/sharegrant/"


def test_unsharing_first_tells_what_whom_and_what_stops(operator):
    image = ImageFactory.create(name="golden", owner__name="platform")
    payments = ShareGrantFactory.create(image=image, recipient__name="payments").recipient
    ShareGrantFactory.create(image=image)
    ShareGrantFactory.create(recipient=payments, image__name="base", image__owner=image.owner)
    InstanceFactory.create_batch(3, owner=payments, image=image)
    InstanceFactory.create(owner=payments)
    before = ShareGrant.objects.count()

    page = ask(operator, ADMIN, "unshare", *ShareGrant.objects.all())

    assert "Takes 3 shares of 2 images from 2 accounts." in text_of(page)
    (row,) = [row for row in find_all(page, "tr") if "payments" in get_text(row)]
    assert [get_text(cell) for cell in find_all(row, "td")] == [
        "payments",
        "2",
        "base (platform, Beijing), golden (platform, Beijing)",
        "3",
    ]
    assert ShareGrant.objects.count() == before
    assert not AuditEvent.objects.exists()


def test_an_operator_can_unshare_several_images_in_one_batch(operator):
    image = ImageFactory.create(name="golden")
    chosen = [
        ShareGrantFactory.create(image=image, recipient__name="payments"),
        ShareGrantFactory.create(image=image, recipient__name="search"),
        ShareGrantFactory.create(image__name="base", recipient__name="branch"),
    ]
    other = ShareGrantFactory.create(image=image)

    page = text_of(confirm(operator, ADMIN, ask(operator, ADMIN, "unshare", *chosen)))

    assert "No longer shared: golden (payments, search), base (branch). Undo" in page
    assert list(ShareGrant.objects.all()) == [other]
    assert last_event()[:4] == ("admin", "op", "image.unshared", "done")
    assert AuditEvent.objects.count() == 2
    assert AuditEvent.objects.values("request_id").distinct().count() == 1


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
