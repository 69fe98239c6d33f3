"""`clientToken`: what is sent twice is done once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from images.models import Image, Instance

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    UserFactory,
)
from ...threads import at_once
from .programs import Program, done, refusal, send

pytestmark = pytest.mark.django_db

MISMATCH = (
    403,
    "IdempotentParameterMismatch",
    "The request uses the same client token as a previous, but non-identical request.",
)


TOKEN = "be31b98c-5e41-4838-9830-9be700de5a20"


@pytest.fixture
def image(account):
    return ImageFactory.create(owner=account)


def create(program, image, token=TOKEN, path="/v2/instanceBySpec", **more):
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web", **more}
    return program("POST", path, body, clientToken=token)


def test_the_same_token_and_request_is_the_same_answer(program, image):
    first = done(create(program, image, purchaseCount=3))

    assert done(create(program, image, purchaseCount=3)) == first
    assert Instance.objects.count() == 3
    assert AuditEvent.objects.count() == 3


def test_the_same_image_is_made_once(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id}

    first, second = (done(program("POST", "/v2/image", body, clientToken=TOKEN)) for _ in "12")

    assert first == second == {"imageId": Image.objects.get().image_id}


def test_the_same_batch_is_rebuilt_once(program, account, image):
    instance = InstanceFactory.create(owner=account)
    body = {
        "instanceIds": [instance.instance_id],
        "imageId": image.image_id,
        "adminPass": "Abcd1234!",
    }

    for _ in range(2):
        assert done(program("PUT", "/v2/instance/rebuild", body, clientToken=TOKEN)) == {}

    assert AuditEvent.objects.count() == 1


def test_who_signs_when_and_with_which_key_makes_no_other_request(program, image):
    first = done(create(program, image))
    other_key = Program(AccessKeyFactory.create(user=program.key.user))

    assert done(create(other_key, image)) == first
    assert Instance.objects.count() == 1


@pytest.mark.parametrize("token", ["", None])
def test_without_a_token_every_call_counts(program, image, token):
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8"}
    query = {} if token is None else {"clientToken": token}

    for _ in range(2):
        done(program("POST", "/v2/instanceBySpec", body, **query))

    assert Instance.objects.count() == 2


@pytest.mark.parametrize(
    "other", [{"name": "db"}, {"purchaseCount": 2}, {"adminPass": "Abcd1234!"}]
)
def test_another_request_with_the_token_is_refused(program, image, other):
    done(create(program, image))

    assert refusal(create(program, image, **other)) == MISMATCH
    assert Instance.objects.count() == 1


def test_another_path_with_the_token_is_refused(program, image):
    done(create(program, image))

    assert refusal(create(program, image, path="/v2/instance")) == MISMATCH
    assert Instance.objects.count() == 1


def test_a_parameter_that_is_not_known_creates_nothing(program, image):
    """It may ask for less, as dryRun would."""
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web"}

    answer = program("POST", "/v2/instanceBySpec", body, clientToken=TOKEN, dryRun="true")

    assert answer.status_code == 405
    assert not Instance.objects.exists()


def test_another_persons_token_is_another_token(program, account, image):
    colleague = Program(AccessKeyFactory.create(user=UserFactory.create(account=account)))

    first, second = done(create(program, image)), done(create(colleague, image))

    assert first != second
    assert Instance.objects.count() == 2


def test_another_accounts_token_is_another_token(program, program_for, image):
    stranger = AccountFactory.create()
    own = ImageFactory.create(owner=stranger)

    first, second = done(create(program, image)), done(create(program_for(stranger), own))

    assert first != second


def test_another_regions_token_is_another_token(program, account, image):
    there = Program(program.key, host="bcc.gz.example")
    other = ImageFactory.create(owner=account, region__code="gz")

    first, second = done(create(program, image)), done(create(there, other))

    assert first != second


def test_a_token_is_good_for_a_day_since_it_was_last_seen(program, image, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    first = done(create(program, image))

    for hours in (23, 46):
        time_machine.move_to(now + timedelta(hours=hours), tick=False)
        assert done(create(program, image)) == first
    time_machine.move_to(now + timedelta(hours=70, seconds=1), tick=False)
    second = done(create(program, image, name="db"))

    assert second != first
    assert Instance.objects.count() == 2


def test_a_refused_first_try_leaves_the_token_as_it_was(program, image):
    refused = create(program, image, purchaseCount=21)
    assert refusal(refused)[1] == "InappropriateJSON"

    made = done(create(program, image))

    assert done(create(program, image)) == made
    assert Instance.objects.count() == 1
    created, tried = AuditEvent.objects.all()
    assert (tried.outcome, tried.request_id) == ("refused", refused["x-bce-request-id"])
    assert created.outcome == "done"


def test_a_refusal_is_not_remembered(program, image):
    """The same request may succeed when it is sent again."""
    image.settled_status = "Error"
    image.save()
    assert refusal(create(program, image))[0] == 409

    image.settled_status = "Available"
    image.save()

    done(create(program, image))


def test_an_answer_is_told_again_when_what_was_made_is_gone(program, image):
    first = done(create(program, image))
    (instance_id,) = first["instanceIds"]
    done(program("DELETE", f"/v2/instance/{instance_id}"))

    assert done(create(program, image)) == first


@pytest.mark.parametrize("token", ["x" * 65, "é", "令牌", "a\tb", "\x7f", "x" * 5000])
def test_a_token_that_is_none(program, image, token):
    assert refusal(create(program, image, token=token)) == (
        400,
        "InvalidHTTPRequest",
        "clientToken: at most 64 ASCII characters",
    )
    assert not Instance.objects.exists()


@pytest.mark.parametrize("token", ["x" * 64, "x", "~ !'(),;:@"])
def test_a_token_that_is_one(program, image, token):
    assert done(create(program, image, token=token)) == done(create(program, image, token=token))
    assert Instance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twelve_at_once_are_one(program, image):
    path, query = "/v2/instanceBySpec", {"clientToken": TOKEN}
    body = b'{"imageId": "%s", "spec": "bcc.g5.c2m8"}' % image.image_id.encode()
    headers = program.signed("POST", path, body, query, {})

    answers = at_once(*[lambda: send("POST", f"{path}?clientToken={TOKEN}", headers, body)] * 12)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Instance.objects.count() == 1
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_and_six_at_once_are_one_and_six_refusals(program, image):
    def call(name):
        return lambda: create(program, image, name=name)

    answers = at_once(*[call("web")] * 6, *[call("db")] * 6)

    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [403] * 6
    assert Instance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_share_twelve_times_at_once_is_one(program, image):
    recipient = AccountFactory.create()
    path = f"/v2/image/{image.image_id}"
    body = b'{"account": "%s"}' % recipient.name.encode()
    headers = program.signed("POST", path, body, {"share": ""}, {})

    answers = at_once(*[lambda: send("POST", path + "?share", headers, body)] * 12)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    assert image.grants.count() == 1


def test_what_is_kept_of_a_request_is_keyed(program, image, settings):
    """A plain digest of a body with a password in it would let one try passwords out."""
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "adminPass": "Abcd1234!"}
    done(program("POST", "/v2/instanceBySpec", body, clientToken="t"))

    settings.SECRET_KEY = "another"
    answer = program("POST", "/v2/instanceBySpec", body, clientToken="t")

    assert refusal(answer)[:2] == (403, "IdempotentParameterMismatch")
