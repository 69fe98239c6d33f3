"""Anyone who asks for an image of others gets the same answer as for none, and is recorded."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images import strangers

from ..console.api.programs import Program
from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def image():
    return ImageFactory.create(region=RegionFactory.create(code="bj"))


def trail():
    fields = ("verb", "outcome", "reason", "channel", "actor_account", "target_id", "accounts")
    return list(AuditEvent.objects.order_by("pk").values_list(*fields))


def test_a_page_of_an_image_of_others_is_recorded_for_operators(image, account, client_for):
    page = client_for(account).get(f"/bj/images/{image.image_id}/")

    assert page.status_code == 404
    assert trail() == [
        ("image.opened", "refused", "not-your-image", "console", "platform", image.image_id, [])
    ]


def test_a_call_for_an_image_of_others_is_recorded_too(image, account):
    program = Program(AccessKeyFactory.create(user__account=account))

    assert program("GET", f"/v2/image/{image.image_id}").status_code == 404
    assert trail() == [
        ("image.opened", "refused", "not-your-image", "api", "platform", image.image_id, [])
    ]


def test_neither_account_reads_it_in_its_activity(image, account, client_for):
    """It would tell that the image exists."""
    client = client_for(account)
    client.get(f"/bj/images/{image.image_id}/")

    assert image.image_id not in client.get("/bj/activity/").text
    assert "platform" not in client_for(image.owner).get("/bj/activity/?q=").text


def test_an_operator_reads_it(image, account, client_for, client):
    client_for(account).get(f"/bj/images/{image.image_id}/")
    client.force_login(OperatorFactory.create())

    page = client.get(f"/admin/accounts/auditevent/?q={image.image_id}").text
    assert "Open image" in page
    assert "The image belongs to another account" in page


def test_an_unknown_id_is_not_recorded(account, client_for):
    RegionFactory.create(code="bj")
    client_for(account).get("/bj/images/m-abcdefgh/")

    assert trail() == []


def test_an_account_that_may_see_the_image_is_no_stranger(actor_for):
    grant = ShareGrantFactory.create()
    for account in (grant.owner, grant.recipient):
        strangers.record(grant.image.image_id, by=actor_for(account))

    assert trail() == []
    strangers.record(grant.image.image_id, by=actor_for(AccountFactory.create()))
    assert len(trail()) == 1
