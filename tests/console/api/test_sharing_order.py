"""The order of refusals when more than one applies."""

from __future__ import annotations

import pytest

from accounts.models import Account

from ...factories import AccountFactory, ImageFactory, PublicImageFactory, ShareGrantFactory
from .programs import NO_SUCH_OBJECT, refusal
from .sharing_calls import (
    EMPTY,
    IMAGE_FULL,
    INVALID,
    NOT_AVAILABLE,
    NOT_CUSTOM,
    OWNER,
    RECIPIENT_FULL,
    REPEATED,
    recipients,
    share,
    unshare,
)

pytestmark = pytest.mark.django_db

PRECEDENCE = [
    NO_SUCH_OBJECT,
    NOT_CUSTOM,
    NOT_AVAILABLE,
    EMPTY,
    INVALID,
    OWNER,
    REPEATED,
    IMAGE_FULL,
    RECIPIENT_FULL,
]


# A recipient that causes the refusal
RECIPIENTS = {
    INVALID: "nobody",
    OWNER: "platform",
    REPEATED: "shared-already",
    IMAGE_FULL: "free",
    RECIPIENT_FULL: "full",
}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (first, second)
        for number, first in enumerate(PRECEDENCE[4:])
        for second in PRECEDENCE[4:][number + 1 :]
        if {first, second} != {IMAGE_FULL, RECIPIENT_FULL}
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_of_two_refusals_the_one_with_precedence_is_returned(program, image, first, second, order):
    account = image.owner
    account.recipient_limit = 1 if IMAGE_FULL in {first, second} else 50
    account.save()
    for name, limit in (("shared-already", 20), ("free", 20), ("full", 0)):
        AccountFactory.create(name=name, uc_account=f"uc-{name}", received_image_limit=limit)
    ShareGrantFactory.create(image=image, recipient=Account.objects.get(name="shared-already"))
    names = [RECIPIENTS[first], RECIPIENTS[second]][::order]

    response = share(program, image, account=names[0], ucAccount=f"uc-{names[1]}")

    assert refusal(response) == first
    assert len(recipients(image)) == 1


def test_a_full_image_is_reported_before_a_full_recipient(program, account, image):
    account.recipient_limit = 0
    account.save()
    AccountFactory.create(name="full", received_image_limit=0)

    assert refusal(share(program, image, account="full")) == IMAGE_FULL


def test_an_unknown_image_is_reported_first(program, account):
    image = ImageFactory.create(creating=True)

    assert refusal(share(program, image)) == NO_SUCH_OBJECT
    assert refusal(share(program, image, account="nobody")) == NO_SUCH_OBJECT


@pytest.mark.parametrize("body", [{}, {"account": "nobody"}, {"account": "shared-already"}])
def test_an_image_that_is_not_custom_is_reported_before_its_status(program, body):
    image = PublicImageFactory.create(settled_status="Error")

    assert refusal(share(program, image, **body)) == NOT_CUSTOM


@pytest.mark.parametrize("body", [{}, {"account": "nobody"}, {"account": "platform"}])
def test_the_status_is_reported_before_the_recipients(program, account, body):
    image = ImageFactory.create(owner=account, creating=True)

    assert refusal(share(program, image, **body)) == NOT_AVAILABLE


@pytest.mark.parametrize("body", [{}, {"account": "nobody"}])
@pytest.mark.parametrize("verb", [share, unshare])
def test_a_received_image_is_reported_before_the_recipients(program_for, verb, body):
    grant = ShareGrantFactory.create()

    assert refusal(verb(program_for(grant.recipient), grant.image, **body)) == NOT_CUSTOM


def test_an_empty_list_is_reported_before_an_image_that_is_not_shared(program, image):
    assert refusal(unshare(program, image)) == EMPTY
