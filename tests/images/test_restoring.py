"""Undo an unshare: within ten minutes, for the same recipients, with the original dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import audit
from accounts.actors import SYSTEM
from accounts.models import Account, AuditEvent
from images import restoring, rules, sharing

from ..factories import (
    AccountFactory,
    ImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import page_of, share, text_of

pytestmark = pytest.mark.django_db

TOO_LATE = "Unsharing can be undone for 10 minutes only. Share the image again instead."
LONG_AGO = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)


def unshare(browser, image, *recipients, headers=None):
    """Unshare with the dialog and return the URL that undoes it."""
    typed = {"recipients": [recipient.account_id for recipient in recipients]}
    browser.post(page_of(image, "unshare/"), typed, headers=headers)
    return page_of(image, f"restore/{AuditEvent.objects.get(verb='image.unshared').pk}/")


def test_the_message_offers_undo_which_restores_the_original_shares(client_for, headers):
    image = ImageFactory.create(name="golden")
    one = ShareGrantFactory.create(image=image, recipient__name="one", shared_at=LONG_AGO)
    two = ShareGrantFactory.create(image=image, recipient__name="two", shared_by="ann")
    other = ShareGrantFactory.create(image=image)
    browser = client_for(image.owner)

    undo = unshare(browser, image, one.recipient, two.recipient, headers=headers)
    page = browser.get("/bj/images/")

    assert f'action="{undo}"' in page.content.decode()
    assert [grant.recipient for grant in image.grants.all()] == [other.recipient]

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "golden is shared again with one, two." in text_of(browser.get("/bj/images/"))
    grants = {grant.recipient: grant for grant in image.grants.all()}
    assert grants.keys() == {one.recipient, two.recipient, other.recipient}
    assert grants[one.recipient].shared_at == LONG_AGO
    assert grants[two.recipient].shared_at == two.shared_at
    assert grants[two.recipient].shared_by == "ann"


def test_after_undo_the_recipient_can_open_the_image_again(client_for):
    grant = ShareGrantFactory.create()
    browser, recipient = client_for(grant.owner), client_for(grant.recipient)
    undo = unshare(browser, grant.image, grant.recipient)
    assert recipient.get(page_of(grant.image)).status_code == 404

    browser.post(undo)

    assert recipient.get(page_of(grant.image)).status_code == 200


def test_the_undo_page_asks_first_and_names_the_recipients(client_for, headers):
    grant = ShareGrantFactory.create(recipient__name="payments")
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)

    page = browser.get(undo, headers=headers)

    assert page.status_code == 200
    assert "Undo unshare" in text_of(page)
    assert "Share again with 1 account" in text_of(page)
    assert "payments" in text_of(page)
    assert not grant.image.grants.exists()


def test_an_unshare_can_be_undone_for_ten_minutes(client_for, headers):
    with time_machine.travel(datetime(2026, 11, 24, 12, 0, tzinfo=UTC), tick=False) as clock:
        grant = ShareGrantFactory.create()
        browser = client_for(grant.owner)
        undo = unshare(browser, grant.image, grant.recipient)
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = browser.post(undo, headers=headers)

        assert answer.status_code == 422
        assert TOO_LATE in text_of(answer)
        assert TOO_LATE in text_of(browser.get(undo))
        assert not grant.image.grants.exists()

        clock.shift(timedelta(seconds=-1))
        browser.post(undo)

    assert grant.image.grants.get().recipient == grant.recipient


def test_an_unshare_can_be_undone_once(client_for, headers):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    browser.post(undo)
    grant.image.grants.all().delete()

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    assert "This unshare was already undone." in text_of(answer)
    assert not grant.image.grants.exists()


def test_nothing_is_undone_if_one_account_cannot_be_a_recipient(client_for, headers):
    image = ImageFactory.create()
    full, free = (ShareGrantFactory.create(image=image).recipient for _ in range(2))
    Account.objects.filter(pk=full.pk).update(received_image_limit=1)
    browser = client_for(image.owner)
    undo = unshare(browser, image, full, free)
    ShareGrantFactory.create(recipient=full)

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    text = text_of(answer)
    sentence = "Nothing was undone. The image can't be shared with 1 account right now."
    assert sentence in text
    assert "Recipient is at its limit" in text
    assert not image.grants.exists()
    refused = AuditEvent.objects.get(outcome="refused")
    assert (refused.verb, refused.reason) == ("image.shares-restored", "shares-not-restored")
    assert refused.detail["verdicts"] == [
        {"entry": full.name, "accountId": full.account_id, "verdict": "no-room"},
        {"entry": free.name, "accountId": free.account_id, "verdict": "ready"},
    ]


def test_an_account_that_was_added_again_prevents_undo(client_for):
    grant = ShareGrantFactory.create(recipient__name="payments")
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    share(browser, grant.image, "payments")

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert "Already shared" in text_of(answer)
    assert grant.image.grants.count() == 1


def test_a_deleted_account_prevents_undo_and_is_shown_by_its_name(client_for):
    grant = ShareGrantFactory.create(recipient__name="long-gone")
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    grant.recipient.delete()

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert "long-gone" in text_of(answer)
    assert "Account not found" in text_of(answer)


def test_an_unavailable_image_prevents_undo(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    type(grant.image).objects.update(settled_status="Error")

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert str(rules.ImageNotAvailable.sentence) in text_of(answer)
    assert not grant.image.grants.exists()


def test_only_the_owner_can_undo_an_unshare(client_for):
    image = ImageFactory.create()
    removed, remaining = (ShareGrantFactory.create(image=image).recipient for _ in range(2))
    undo = unshare(client_for(image.owner), image, removed)

    assert client_for(AccountFactory.create()).post(undo).status_code == 404
    assert client_for(removed).post(undo).status_code == 404
    assert client_for(remaining).post(undo).status_code == 404
    assert [grant.recipient for grant in image.grants.all()] == [remaining]


def test_a_recipient_that_was_added_again_cannot_undo_for_the_others(client_for):
    image = ImageFactory.create()
    one, other = (ShareGrantFactory.create(image=image).recipient for _ in range(2))
    browser = client_for(image.owner)
    undo = unshare(browser, image, one, other)
    share(browser, image, one.name)

    answer = client_for(one).post(undo)

    assert answer.status_code == 403
    assert [grant.recipient for grant in image.grants.all()] == [one]
    assert other.name not in text_of(answer)
    assert other.name not in text_of(client_for(one).get(undo))


@pytest.mark.parametrize("event", ["0", "9" * 30])
def test_an_unknown_event_is_not_found(client_for, event):
    image = ImageFactory.create()

    assert client_for(image.owner).post(page_of(image, f"restore/{event}/")).status_code == 404


def test_an_unshare_of_another_image_is_not_found(client_for):
    grant = ShareGrantFactory.create()
    other = ImageFactory.create(owner=grant.owner)
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)

    answer = browser.post(undo.replace(grant.image.image_id, other.image_id))

    assert answer.status_code == 404
    assert not other.grants.exists()


def test_a_refused_unshare_is_not_found(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    browser.post(page_of(grant.image, "unshare/"), {"recipients": "f" * 32})

    undo = page_of(grant.image, f"restore/{AuditEvent.objects.get().pk}/")

    assert browser.get(undo).status_code == browser.post(undo).status_code == 404


def test_an_unshare_without_recorded_dates_cannot_be_undone(client_for, actor_for, headers):
    grant = ShareGrantFactory.create()
    who = {"account": grant.recipient.name, "accountId": grant.recipient.account_id}
    unshared = audit.record(
        actor_for(grant.owner),
        audit.Verb.UNSHARE_IMAGE,
        target=grant.image.audit_target,
        to=[grant.recipient],
        recipients=[who],
    )
    undo = page_of(grant.image, f"restore/{unshared.pk}/")

    answer = client_for(grant.owner).post(undo, headers=headers)

    assert answer.status_code == 422
    assert TOO_LATE in text_of(answer)


def test_a_share_cannot_be_undone(client_for):
    image = ImageFactory.create()
    browser = client_for(image.owner)
    share(browser, image, AccountFactory.create().name)

    answer = browser.post(page_of(image, f"restore/{AuditEvent.objects.get().pk}/"))

    assert answer.status_code == 404


def test_the_owner_can_undo_an_unshare_by_an_operator(actor_for):
    grant = ShareGrantFactory.create(shared_at=LONG_AGO)
    entries = [sharing.Entry(grant.recipient.name, [grant.recipient])]
    unshared = sharing.unshare(image=grant.image, entries=entries, by=SYSTEM)

    restoring.restore(image=grant.image, unshare_event=unshared, by=actor_for(grant.owner))

    assert grant.image.grants.get().shared_at == LONG_AGO


def test_undo_is_recorded_and_takes_as_many_statements_for_one_as_for_fifty(
    client_for, django_assert_num_queries
):
    RegionFactory.create()
    for recipients in (1, 50):
        image = ImageFactory.create()
        grants = ShareGrantFactory.create_batch(recipients, image=image)
        browser = client_for(image.owner)
        browser.post(
            page_of(image, "unshare/"),
            {"recipients": [grant.recipient.account_id for grant in grants]},
        )
        unshared = AuditEvent.objects.get(verb="image.unshared", target_id=image.image_id)

        with django_assert_num_queries(13):
            browser.post(page_of(image, f"restore/{unshared.pk}/"))

        restored = AuditEvent.objects.get(verb="image.shares-restored", target_id=image.image_id)
        assert restored.detail["undoes"] == unshared.pk
        assert len(restored.recipients) == recipients
