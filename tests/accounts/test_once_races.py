"""The same form sent at once, by real transactions."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import AccessKey, AuditEvent, ClientToken
from images.models import Instance, ShareGrant

from ..factories import AccountFactory, ImageFactory, RegionFactory, UserFactory
from ..images.pages import page_of
from ..images.races import deleting_call
from ..threads import at_once, in_turn

pytestmark = pytest.mark.django_db(transaction=True)

ONCE = {"form_id": "a" * 22}


@pytest.fixture
def image():
    return ImageFactory.create(name="golden")


def sending_calls(user, path, fields, number=6):
    """Return calls that send the same form, each as one click."""

    def build():
        client = Client()
        client.force_login(user)
        return lambda: client.post(path, {**fields, **ONCE})

    return [build() for _ in range(number)]


def test_six_clicks_share_once(image):
    recipient = AccountFactory.create()
    fields = {"accounts": recipient.name, "acknowledged": "on"}
    user = UserFactory.create(account=image.owner)

    answers = at_once(*sending_calls(user, page_of(image, "share/"), fields))

    assert [(answer.status_code, answer.url) for answer in answers] == [(303, "/bj/images/")] * 6
    assert ShareGrant.objects.get().recipient == recipient
    assert AuditEvent.objects.get().outcome == "done"


def test_six_clicks_create_one_instance(image):
    user = UserFactory.create(account=image.owner)
    fields = {
        "image": image.image_id,
        "spec": "bcc.g5.c2m8",
        "name": "web",
        "count": "1",
        "login": "image",
    }

    answers = at_once(*sending_calls(user, "/bj/instances/create/", fields))

    assert [answer.status_code for answer in answers] == [303] * 6
    assert Instance.objects.count() == 1


def test_six_clicks_create_one_access_key():
    RegionFactory.create(code="bj")
    user = UserFactory.create()

    answers = at_once(*sending_calls(user, "/bj/access-keys/create/", {"description": "x"}))

    key = AccessKey.objects.get()
    assert all(key.key_id in answer.content.decode() for answer in answers)


def test_six_clicks_are_each_refused(image):
    user = UserFactory.create(account=image.owner)
    fields = {"accounts": image.owner.name, "acknowledged": "on"}

    answers = at_once(*sending_calls(user, page_of(image, "share/"), fields))

    assert [answer.status_code for answer in answers] == [422] * 6
    assert AuditEvent.objects.filter(outcome="refused").count() == 6


def test_the_event_of_a_refusal_is_kept_when_the_image_is_deleted_meanwhile(image, actor_for):
    user = UserFactory.create(account=image.owner)
    (click,) = sending_calls(user, page_of(image, "delete/"), {}, number=1)

    _deleted, answer = in_turn(deleting_call(image, actor_for(image.owner)), click)

    assert answer.status_code == 404
    assert sorted(AuditEvent.objects.values_list("outcome", flat=True)) == ["done", "refused"]
    assert ClientToken.objects.get().answer is None
