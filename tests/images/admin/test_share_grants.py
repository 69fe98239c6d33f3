from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images.models import ShareGrant

from ...admin import last_event
from ...factories import (
    ImageFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


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
