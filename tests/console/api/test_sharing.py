"""Sharing through the API: recipients and the document's refusals."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from images.models import ShareGrant

from ...factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    ShareGrantFactory,
    UserFactory,
)
from .programs import DENIED, NO_SUCH_OBJECT, Program, done, refusal, send
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


def get_identifiers(account):
    return {
        "account": account.name,
        "accountId": account.account_id,
        "ucAccount": account.uc_account,
    }


# Accounts in a call


@pytest.mark.parametrize(
    "fields",
    [
        ["account"],
        ["accountId"],
        ["ucAccount"],
        ["account", "accountId"],
        ["account", "accountId", "ucAccount"],
    ],
)
def test_each_identifier_names_the_same_account(program, image, fields):
    recipient = AccountFactory.create()
    body = {field: get_identifiers(recipient)[field] for field in fields}

    assert done(share(program, image, **body)) == {}
    assert recipients(image) == {recipient}

    assert done(unshare(program, image, **body)) == {}
    assert recipients(image) == set()


def test_identifiers_of_different_accounts_name_all_of_them(program, image):
    one, two, three = AccountFactory.create_batch(3)
    body = {"account": one.name, "accountId": two.account_id, "ucAccount": three.uc_account}

    done(share(program, image, **body))
    assert recipients(image) == {one, two, three}

    done(unshare(program, image, **body))
    assert recipients(image) == set()


def test_a_call_changes_all_recipients_or_none(program, image):
    one, two = AccountFactory.create_batch(2)
    ShareGrantFactory.create(image=image, recipient=two)

    response = share(program, image, account=one.name, accountId=two.account_id)
    assert refusal(response) == REPEATED
    assert recipients(image) == {two}

    response = unshare(program, image, account=one.name, accountId=two.account_id)
    assert refusal(response) == INVALID
    assert recipients(image) == {two}


def test_two_recipients_for_one_free_place_are_refused(program, account, image):
    account.recipient_limit = 1
    account.save()
    one, two = AccountFactory.create_batch(2)

    response = share(program, image, account=one.name, accountId=two.account_id)

    assert refusal(response) == IMAGE_FULL
    assert recipients(image) == set()
    done(share(program, image, account=one.name, accountId=one.account_id))


def test_each_field_matches_only_its_own_identifier(program, image):
    by_name = AccountFactory.create(name="twice", uc_account="uc-once")
    by_uc_account = AccountFactory.create(name="other", uc_account="twice")

    assert refusal(share(program, image, accountId="other")) == INVALID
    assert refusal(share(program, image, ucAccount="other")) == INVALID
    assert refusal(share(program, image, account="uc-once")) == INVALID
    assert not recipients(image)
    done(share(program, image, account="twice"))
    assert list(ShareGrant.objects.values_list("recipient", flat=True)) == [by_name.pk]
    done(share(program, image, ucAccount="twice"))
    assert ShareGrant.objects.filter(recipient=by_uc_account).exists()


def test_a_recipient_can_use_an_image_only_while_it_is_shared(program, program_for, image):
    recipient = AccountFactory.create()
    recipient_program = program_for(recipient)
    order = {"imageId": image.image_id, "spec": "bcc.g5.c2m8"}
    path = f"/v2/image/{image.image_id}"

    done(share(program, image, account=recipient.name))
    done(recipient_program("GET", path))
    (instance_id,) = done(recipient_program("POST", "/v2/instanceBySpec", order))["instanceIds"]

    done(unshare(program, image, account=recipient.name))
    assert refusal(recipient_program("GET", path)) == NO_SUCH_OBJECT
    assert refusal(recipient_program("POST", "/v2/instanceBySpec", order)) == NO_SUCH_OBJECT
    rebuild = {"imageId": image.image_id, "keepImageLogin": True}
    response = recipient_program("PUT", f"/v2/instance/{instance_id}", rebuild, rebuild="")
    assert refusal(response) == NO_SUCH_OBJECT
    done(recipient_program("GET", f"/v2/instance/{instance_id}"))


# The document's refusals


@pytest.mark.parametrize("kind", ["System", "Integration"])
def test_only_custom_images_are_shared(program, kind):
    image = PublicImageFactory.create(type=kind)
    recipient = AccountFactory.create()

    assert refusal(share(program, image, account=recipient.name)) == NOT_CUSTOM
    assert refusal(unshare(program, image, account=recipient.name)) == NOT_CUSTOM
    assert refusal(program("GET", f"/v2/image/{image.image_id}/sharedUsers")) == NOT_CUSTOM


@pytest.mark.parametrize(
    "traits", [{"creating": True}, {"copying": True}, {"settled_status": "Error"}]
)
def test_only_available_images_are_shared(program, account, traits):
    image = ImageFactory.create(owner=account, **traits)
    recipient = AccountFactory.create()

    assert refusal(share(program, image, account=recipient.name)) == NOT_AVAILABLE


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"account": ""},
        {"account": None, "accountId": None, "ucAccount": None},
        {"account": "", "accountId": "", "ucAccount": ""},
        {"accounts": ["x"]},
    ],
)
@pytest.mark.parametrize("verb", ["share", "unshare"])
def test_a_call_without_recipients_is_refused(program, image, verb, body):
    ShareGrantFactory.create(image=image)

    response = program("POST", f"/v2/image/{image.image_id}", body, **{verb: ""})

    assert refusal(response) == EMPTY
    assert len(recipients(image)) == 1


@pytest.mark.parametrize("text", ["nobody", " ", "a b", "f" * 32, "x" * 81, "*", "a,b", "名字"])
@pytest.mark.parametrize("field", ["account", "accountId", "ucAccount"])
@pytest.mark.parametrize("verb", ["share", "unshare"])
def test_an_unknown_account_is_refused(program, image, verb, field, text):
    ShareGrantFactory.create(image=image)

    response = program("POST", f"/v2/image/{image.image_id}", {field: text}, **{verb: ""})

    assert refusal(response) == INVALID
    assert len(recipients(image)) == 1


def test_an_image_is_not_shared_with_its_owner(program, account, image):
    for field, text in get_identifiers(account).items():
        assert refusal(share(program, image, **{field: text})) == OWNER


def test_an_image_is_not_shared_twice_with_the_same_account(program, image):
    recipient = AccountFactory.create()
    done(share(program, image, account=recipient.name))

    assert refusal(share(program, image, accountId=recipient.account_id)) == REPEATED
    assert recipients(image) == {recipient}


def test_a_replayed_share_or_unshare_is_refused(program, image):
    recipient = AccountFactory.create()
    path, body = f"/v2/image/{image.image_id}", b'{"account": "%s"}' % recipient.name.encode()
    sharing = program.signed("POST", path, body, {"share": ""}, {})
    unsharing = program.signed("POST", path, body, {"unshare": ""}, {})

    done(send("POST", path + "?share=", sharing, body))
    assert refusal(send("POST", path + "?share=", sharing, body)) == REPEATED
    done(send("POST", path + "?unshare=", unsharing, body))
    assert refusal(send("POST", path + "?unshare=", unsharing, body)) == INVALID


def test_the_fifty_first_recipient_is_refused(program, image):
    ShareGrantFactory.create_batch(50, image=image)

    assert refusal(share(program, image, account=AccountFactory.create().name)) == IMAGE_FULL
    assert len(recipients(image)) == 50


def test_the_fiftieth_recipient_is_accepted(program, image):
    ShareGrantFactory.create_batch(49, image=image)

    done(share(program, image, account=AccountFactory.create().name))


def test_the_twenty_first_received_image_is_refused(program, image):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(20, recipient=recipient, image__region__code="gz")

    assert refusal(share(program, image, account=recipient.name)) == RECIPIENT_FULL


def test_the_twentieth_received_image_is_accepted(program, image):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(19, recipient=recipient)

    done(share(program, image, account=recipient.name))


def test_unsharing_from_an_account_that_is_not_a_recipient_is_refused(program, image):
    stranger = AccountFactory.create()
    assert refusal(unshare(program, image, account=stranger.name)) == INVALID

    ShareGrantFactory.create(image=image)
    assert refusal(unshare(program, image, account=stranger.name)) == INVALID
    assert len(recipients(image)) == 1


def test_an_unavailable_image_can_be_unshared(program, account):
    grant = ShareGrantFactory.create(image__owner=account, image__settled_status="Error")

    done(unshare(program, grant.image, account=grant.recipient.name))


def test_guessing_account_names_is_denied(program, image, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (3, 600)
    for number in range(3):
        assert refusal(share(program, image, account=f"nobody-{number}")) == INVALID

    assert refusal(share(program, image, account="nobody")) == DENIED
    assert refusal(unshare(program, image, account="nobody")) == INVALID
    denied = share(program, image, account=AccountFactory.create().name)
    assert refusal(denied) == DENIED
    assert denied["Retry-After"] == "600"


def test_a_new_key_gives_no_more_guesses(image, account, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (3, 600)
    mei = UserFactory.create(account=account)
    answers = []
    for number in range(3):
        key = AccessKeyFactory.create(user=mei)
        answers += [
            refusal(share(Program(key), image, account=f"nobody-{number}-{each}"))
            for each in range(3)
        ]
        key.delete()

    assert answers == [INVALID] * 3 + [DENIED] * 6


def test_recipients_can_be_unshared_when_no_more_guesses_are_allowed(program, image, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    stranger = AccountFactory.create()
    for field in ("account", "accountId", "ucAccount"):
        recipient = ShareGrantFactory.create(image=image).recipient
        identifier = get_identifiers(recipient)[field]

        done(unshare(program, image, **{field: identifier}))

    grant = ShareGrantFactory.create(image=image)
    for other in ("nobody", stranger.name):
        body = {"account": grant.recipient.name, "ucAccount": other}
        assert refusal(unshare(program, image, **body)) == INVALID
    assert recipients(image) == {grant.recipient}


def test_recipients_are_unshared_by_their_own_field_only(program, image):
    by_name = ShareGrantFactory.create(image=image, recipient__name="twice").recipient
    by_uc_account = ShareGrantFactory.create(image=image, recipient__uc_account="twice").recipient

    assert refusal(unshare(program, image, accountId="twice")) == INVALID
    done(unshare(program, image, ucAccount="twice"))
    assert recipients(image) == {by_name}
    assert refusal(unshare(program, image, account=by_uc_account.name)) == INVALID


# The list of recipients


def test_an_image_without_recipients_has_an_empty_list(program, image):
    assert done(program("GET", f"/v2/image/{image.image_id}/sharedUsers")) == {"users": []}


def test_recipients_are_listed_with_all_identifiers(program, image):
    one = ShareGrantFactory.create(image=image, recipient__name="alpha").recipient
    two = ShareGrantFactory.create(image=image, recipient__name="beta").recipient
    ShareGrantFactory.create()

    result = done(program("GET", f"/v2/image/{image.image_id}/sharedUsers"))

    assert result == {"users": [get_identifiers(one), get_identifiers(two)]}


def test_all_fifty_recipients_are_listed(program, image):
    ShareGrantFactory.create_batch(50, image=image)

    result = done(program("GET", f"/v2/image/{image.image_id}/sharedUsers"))

    assert len(result["users"]) == 50


# The audit trail and the grants


def test_a_share_and_an_unshare_are_in_the_audit_trail(program, account, image):
    recipient = AccountFactory.create()

    done(share(program, image, account=recipient.name))
    done(unshare(program, image, account=recipient.name))

    unshared, shared = AuditEvent.objects.all()
    assert (shared.verb, unshared.verb) == ("image.shared", "image.unshared")
    for event in (shared, unshared):
        assert event.channel == "api"
        assert set(event.accounts) == {account.account_id, recipient.account_id}
        assert event.recipients == [recipient.account_id]
        (entry,) = event.detail["recipients"]
        assert (entry["account"], entry["accountId"]) == (recipient.name, recipient.account_id)


@pytest.mark.parametrize(
    ("body", "reason"),
    [({}, "no-recipients"), ({"account": "nobody"}, "entries-refused")],
)
def test_a_refused_share_is_in_the_audit_trail(program, image, body, reason):
    response = share(program, image, **body)

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason) == ("image.shared", "refused", reason)
    assert event.request_id == response["x-bce-request-id"]


def test_a_refused_share_by_a_recipient_is_in_the_audit_trail(program_for):
    grant = ShareGrantFactory.create()

    share(program_for(grant.recipient), grant.image, account="nobody")

    event = AuditEvent.objects.get()
    assert (event.verb, event.reason) == ("image.shared", "not-own-image")
    assert event.actor_account_id == grant.recipient.account_id


def test_sharing_ignores_other_fields(program, image):
    recipient, other = AccountFactory.create_batch(2)

    done(
        share(
            program,
            image,
            account=recipient.name,
            owner=other.account_id,
            recipient=other.pk,
            sharedBy="somebody-else",
            sharedAt="2000-01-01T00:00:00Z",
            imageId="m-forged00",
        )
    )

    grant = ShareGrant.objects.get()
    assert (grant.image, grant.recipient, grant.owner) == (image, recipient, image.owner)
    assert grant.shared_by == program.key.user.username
    assert grant.shared_at.year >= 2026


def test_a_closed_account_is_invalid(program, image):
    AccountFactory.create(name="gone", closed_at=timezone.now())

    assert refusal(share(program, image, account="gone")) == INVALID
