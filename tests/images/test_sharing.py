"""The rules and limits of sharing, tested with the domain verbs."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from images import lifecycle, locks, rules, sharing
from images.models import Image, ShareGrant
from images.sharing import Verdict

from ..factories import AccountFactory, ImageFactory, PublicImageFactory, ShareGrantFactory
from .verbs import entries_for, share_with, verdicts

pytestmark = pytest.mark.django_db


def test_sharing_creates_a_grant_for_each_account(actor_for):
    image = ImageFactory.create()
    first, second = AccountFactory.create_batch(2)

    recipients = sharing.share(
        image=image, entries=entries_for(first, second), by=actor_for(image.owner)
    )

    assert recipients == [first, second]
    assert {(g.recipient, g.owner, g.shared_by) for g in image.grants.all()} == {
        (first, image.owner, f"somebody-of-{image.owner.name}"),
        (second, image.owner, f"somebody-of-{image.owner.name}"),
    }


def test_two_spellings_of_one_account_are_one_recipient(actor_for):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    texts = (recipient.name, recipient.account_id, recipient.uc_account, recipient.name)

    assert verdicts(image, *texts) == [
        Verdict.READY,
        Verdict.REPEATED,
        Verdict.REPEATED,
        Verdict.REPEATED,
    ]
    assert share_with(image, actor_for(image.owner), *texts) == [recipient]
    assert image.grants.count() == 1


@pytest.mark.parametrize("spelling", ["account_id", "name", "uc_account"])
def test_an_image_cannot_be_shared_with_its_owner(actor_for, spelling):
    image = ImageFactory.create()
    text = getattr(image.owner, spelling)

    assert verdicts(image, text) == [Verdict.OWNER]
    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), text)
    assert not image.grants.exists()


def test_an_image_cannot_be_shared_twice_with_an_account(actor_for):
    grant = ShareGrantFactory.create()

    assert verdicts(grant.image, grant.recipient.name) == [Verdict.ALREADY_SHARED]
    with pytest.raises(sharing.EntriesRefused):
        share_with(grant.image, actor_for(grant.owner), grant.recipient.name)
    assert grant.image.grants.count() == 1


def test_nothing_is_shared_if_one_entry_is_invalid(actor_for):
    image = ImageFactory.create()
    good = AccountFactory.create()

    with pytest.raises(sharing.EntriesRefused) as refusal:
        share_with(image, actor_for(image.owner), good.name, "nobody")

    assert [(e.text, e.verdict) for e in refusal.value.review.entries] == [
        (good.name, Verdict.READY),
        ("nobody", Verdict.UNKNOWN),
    ]
    assert not image.grants.exists()


def test_the_fiftieth_recipient_is_the_last(actor_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(49, image=image)
    fiftieth, next_one = AccountFactory.create_batch(2)

    assert verdicts(image, fiftieth.name, next_one.name) == [Verdict.READY, Verdict.OVER_LIMIT]
    share_with(image, actor_for(image.owner), fiftieth.name)
    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), next_one.name)

    assert image.grants.count() == 50


def test_of_fifty_one_accounts_the_last_is_over_the_limit_and_nothing_is_shared(actor_for):
    image = ImageFactory.create()
    accounts = AccountFactory.create_batch(51)

    with pytest.raises(sharing.EntriesRefused) as refusal:
        sharing.share(image=image, entries=entries_for(*accounts), by=actor_for(image.owner))

    found = [entry.verdict for entry in refusal.value.review.entries]
    assert found == [Verdict.READY] * 50 + [Verdict.OVER_LIMIT]
    assert not image.grants.exists()


def test_an_account_can_receive_twenty_images_over_all_regions(actor_for):
    recipient = AccountFactory.create()
    for region in ("bj", "gz"):
        for image in ImageFactory.create_batch(10, region__code=region):
            ShareGrantFactory.create(image=image, recipient=recipient)
    image = ImageFactory.create(region__code="su")

    assert verdicts(image, recipient.name) == [Verdict.NO_ROOM]
    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), recipient.name)


def test_the_twentieth_received_image_is_accepted(actor_for):
    recipient = AccountFactory.create()
    ShareGrantFactory.create_batch(19, recipient=recipient)
    image = ImageFactory.create()

    assert share_with(image, actor_for(image.owner), recipient.name) == [recipient]


@pytest.mark.parametrize(
    "state",
    [
        {"creating": True},
        {"copying": True},
        {"settled_status": "CreatedFailed"},
        {"settled_status": "NotAvailable"},
        {"settled_status": "Error"},
    ],
)
def test_only_available_images_can_be_shared(actor_for, state):
    image = ImageFactory.create(**state)

    with pytest.raises(rules.ImageNotAvailable):
        share_with(image, actor_for(image.owner), AccountFactory.create().name)


@pytest.mark.parametrize(
    "verb",
    [
        lambda image, by: sharing.share(image=image, entries=[], by=by),
        lambda image, by: sharing.unshare(image=image, entries=entries_for(by.account), by=by),
        lambda image, by: lifecycle.edit(image=image, name="mine", desc="", by=by),
        lambda image, by: lifecycle.delete(image=image, by=by),
    ],
    ids=["share", "unshare", "edit", "delete"],
)
def test_a_recipient_can_only_use_the_image(actor_for, verb):
    grant = ShareGrantFactory.create()
    public = PublicImageFactory.create()
    before = list(Image.objects.order_by("pk").values())

    with pytest.raises(rules.NotOwnImage):
        verb(grant.image, actor_for(grant.recipient))
    with pytest.raises(rules.NotCustomImage):
        verb(public, actor_for(grant.recipient))

    assert list(Image.objects.order_by("pk").values()) == before
    assert list(ShareGrant.objects.all()) == [grant]


def test_sharing_without_recipients_is_refused(actor_for):
    image = ImageFactory.create()

    with pytest.raises(sharing.NoRecipients):
        sharing.share(image=image, entries=[], by=actor_for(image.owner))


def test_unsharing_hides_the_image_from_the_recipient(actor_for):
    image = ImageFactory.create()
    removed, remaining = ShareGrantFactory.create_batch(2, image=image)

    sharing.unshare(image=image, entries=entries_for(removed.recipient), by=actor_for(image.owner))

    assert list(image.grants.all()) == [remaining]
    assert not Image.objects.visible_to(removed.recipient).exists()


def test_nothing_is_unshared_if_one_account_is_not_a_recipient(actor_for):
    grant = ShareGrantFactory.create()
    stranger = AccountFactory.create(name="stranger")

    with pytest.raises(sharing.NotRecipients) as refusal:
        sharing.unshare(
            image=grant.image,
            entries=entries_for(grant.recipient, stranger),
            by=actor_for(grant.owner),
        )

    assert str(refusal.value) == "Nothing was unshared. The image isn't shared with stranger."
    assert list(grant.image.grants.all()) == [grant]


def test_a_repeated_account_is_unshared_once(actor_for):
    grant = ShareGrantFactory.create()
    entries = entries_for(grant.recipient, grant.recipient)

    unshared = sharing.unshare(image=grant.image, entries=entries, by=actor_for(grant.owner))

    assert unshared.recipients == [grant.recipient.account_id]
    assert len(AuditEvent.objects.get().detail["recipients"]) == 1


def test_an_image_without_recipients_cannot_be_unshared(actor_for):
    image = ImageFactory.create()

    with pytest.raises(rules.ImageIsNotShared):
        sharing.unshare(
            image=image, entries=entries_for(AccountFactory.create()), by=actor_for(image.owner)
        )


def test_an_unavailable_image_can_be_unshared(actor_for):
    grant = ShareGrantFactory.create(image__settled_status=Image.Status.NOT_AVAILABLE)

    sharing.unshare(
        image=grant.image, entries=entries_for(grant.recipient), by=actor_for(grant.owner)
    )

    assert not ShareGrant.objects.exists()


def test_a_deleted_image_cannot_be_shared(actor_for):
    image = ImageFactory.create()
    Image.objects.filter(pk=image.pk).delete()

    with pytest.raises(locks.NoSuchImage):
        share_with(image, actor_for(image.owner), AccountFactory.create().name)


def test_sharing_records_one_event_with_every_recipient(actor_for):
    image = ImageFactory.create(name="golden")
    first, second = AccountFactory.create_batch(2)

    share_with(image, actor_for(image.owner), first.name, second.name)

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.target_id) == (
        "image.shared",
        "done",
        image.image_id,
    )
    assert event.accounts == [image.owner.account_id, first.account_id, second.account_id]
    assert event.recipients == [first.account_id, second.account_id]
    by = f"somebody-of-{image.owner.name}"
    assert event.detail == {
        "recipients": [
            {
                "account": grant.recipient.name,
                "accountId": grant.recipient.account_id,
                "sharedAt": grant.shared_at.isoformat(),
                "sharedBy": by,
            }
            for grant in image.grants.order_by("pk")
        ]
    }


def test_a_refused_share_is_recorded(actor_for):
    image = ImageFactory.create()

    with pytest.raises(sharing.EntriesRefused):
        share_with(image, actor_for(image.owner), "nobody")

    event = AuditEvent.objects.get()
    assert (event.verb, event.outcome, event.reason) == (
        "image.shared",
        "refused",
        "entries-refused",
    )
    assert event.detail == {
        "refused": 1,
        "verdicts": [{"entry": "nobody", "verdict": "unknown"}],
    }
