"""`clientToken`: a repeated request runs only once."""

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


def create(program, image, token=TOKEN, path="/v2/instanceBySpec", **extra):
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web", **extra}
    return program("POST", path, body, clientToken=token)


def test_a_repeated_request_returns_the_same_result(program, image):
    first = done(create(program, image, purchaseCount=3))

    assert done(create(program, image, purchaseCount=3)) == first
    assert Instance.objects.count() == 3
    assert AuditEvent.objects.count() == 3


def test_a_repeated_request_creates_an_image_once(program, account):
    instance = InstanceFactory.create(owner=account)
    body = {"imageName": "golden", "instanceId": instance.instance_id}

    first, second = (done(program("POST", "/v2/image", body, clientToken=TOKEN)) for _ in "12")

    assert first == second == {"imageId": Image.objects.get().image_id}


def test_a_repeated_request_rebuilds_a_batch_once(program, account, image):
    instance = InstanceFactory.create(owner=account)
    body = {
        "instanceIds": [instance.instance_id],
        "imageId": image.image_id,
        "adminPass": "Abcd1234!",
    }

    for _ in range(2):
        assert done(program("PUT", "/v2/instance/rebuild", body, clientToken=TOKEN)) == {}

    assert AuditEvent.objects.count() == 1


def test_a_request_can_be_repeated_with_another_key_of_the_same_person(program, image):
    first = done(create(program, image))
    other_key = Program(AccessKeyFactory.create(user=program.key.user))

    assert done(create(other_key, image)) == first
    assert Instance.objects.count() == 1


@pytest.mark.parametrize("token", ["", None])
def test_without_a_token_every_request_runs(program, image, token):
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


def test_an_unknown_parameter_creates_nothing(program, image):
    """The parameter may ask for less than a creation, as dryRun does."""
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "name": "web"}

    response = program("POST", "/v2/instanceBySpec", body, clientToken=TOKEN, dryRun="true")

    assert response.status_code == 405
    assert not Instance.objects.exists()


def test_each_person_has_separate_tokens(program, account, image):
    colleague = Program(AccessKeyFactory.create(user=UserFactory.create(account=account)))

    first, second = done(create(program, image)), done(create(colleague, image))

    assert first != second
    assert Instance.objects.count() == 2


def test_each_account_has_separate_tokens(program, program_for, image):
    stranger = AccountFactory.create()
    own = ImageFactory.create(owner=stranger)

    first, second = done(create(program, image)), done(create(program_for(stranger), own))

    assert first != second


def test_each_region_has_separate_tokens(program, account, image):
    program_in_gz = Program(program.key, host="bcc.gz.example")
    other = ImageFactory.create(owner=account, region__code="gz")

    first, second = done(create(program, image)), done(create(program_in_gz, other))

    assert first != second


def test_a_token_is_valid_for_a_day_after_its_last_use(program, image, time_machine):
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


def test_a_refused_request_leaves_the_token_unused(program, image):
    refused = create(program, image, purchaseCount=21)
    assert refusal(refused)[1] == "InappropriateJSON"

    result = done(create(program, image))

    assert done(create(program, image)) == result
    assert Instance.objects.count() == 1
    creation, attempt = AuditEvent.objects.all()
    assert (attempt.outcome, attempt.request_id) == ("refused", refused["x-bce-request-id"])
    assert creation.outcome == "done"


def test_a_refusal_is_not_stored(program, image):
    """The same request may succeed when it is repeated."""
    image.settled_status = "Error"
    image.save()
    assert refusal(create(program, image))[0] == 409

    image.settled_status = "Available"
    image.save()

    done(create(program, image))


def test_a_result_is_returned_again_after_its_instance_is_released(program, image):
    first = done(create(program, image))
    (instance_id,) = first["instanceIds"]
    done(program("DELETE", f"/v2/instance/{instance_id}"))

    assert done(create(program, image)) == first


@pytest.mark.parametrize("token", ["x" * 65, "é", "令牌", "a\tb", "\x7f", "x" * 5000])
def test_a_malformed_token_is_refused(program, image, token):
    assert refusal(create(program, image, token=token)) == (
        400,
        "InvalidHTTPRequest",
        "clientToken: use at most 64 printable ASCII characters",
    )
    assert not Instance.objects.exists()


@pytest.mark.parametrize("token", ["x" * 64, "x", "~ !'(),;:@"])
def test_a_well_formed_token_is_accepted(program, image, token):
    assert done(create(program, image, token=token)) == done(create(program, image, token=token))
    assert Instance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twelve_parallel_requests_create_one_instance(program, image):
    path, query = "/v2/instanceBySpec", {"clientToken": TOKEN}
    body = b'{"imageId": "%s", "spec": "bcc.g5.c2m8"}' % image.image_id.encode()
    headers = program.signed("POST", path, body, query, {})

    responses = at_once(*[lambda: send("POST", f"{path}?clientToken={TOKEN}", headers, body)] * 12)

    assert {response.status_code for response in responses} == {200}
    assert len({response.content for response in responses}) == 1
    assert Instance.objects.count() == 1
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_repeats_of_a_refused_request_create_one_instance(program, image):
    Image.objects.update(settled_status="Error")
    assert refusal(create(program, image))[0] == 409
    Image.objects.update(settled_status="Available")

    answers = at_once(*[lambda: done(create(program, image))] * 12)

    assert answers == [answers[0]] * 12
    assert Instance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_different_parallel_requests_is_accepted(program, image):
    def call(name):
        return lambda: create(program, image, name=name)

    responses = at_once(*[call("web")] * 6, *[call("db")] * 6)

    assert sorted(response.status_code for response in responses) == [200] * 6 + [403] * 6
    assert Instance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twelve_parallel_shares_create_one_grant(program, image):
    recipient = AccountFactory.create()
    path = f"/v2/image/{image.image_id}"
    body = b'{"account": "%s"}' % recipient.name.encode()
    headers = program.signed("POST", path, body, {"share": ""}, {})

    responses = at_once(*[lambda: send("POST", path + "?share", headers, body)] * 12)

    assert sorted(response.status_code for response in responses) == [200] + [409] * 11
    assert image.grants.count() == 1


def test_the_stored_digest_of_a_request_is_keyed(program, image, settings):
    """A password in the body could be guessed from a plain digest."""
    body = {"imageId": image.image_id, "spec": "bcc.g5.c2m8", "adminPass": "Abcd1234!"}
    done(program("POST", "/v2/instanceBySpec", body, clientToken="t"))

    settings.SECRET_KEY = "another"
    response = program("POST", "/v2/instanceBySpec", body, clientToken="t")

    assert refusal(response)[:2] == (403, "IdempotentParameterMismatch")
