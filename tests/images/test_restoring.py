"""Undoing an unshare: within ten minutes, the same recipients, since when they had it."""

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

LONG_AGO = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)


def unshare(browser, image, *recipients, headers=None):
    """Unshare from the page, and answer the address that undoes it."""
    typed = {"recipients": [recipient.account_id for recipient in recipients]}
    browser.post(page_of(image, "unshare/"), typed, headers=headers)
    return page_of(image, f"restore/{AuditEvent.objects.get(verb='image.unshared').pk}/")


def test_the_message_offers_to_undo_and_undoing_restores_the_very_shares(client_for, headers):
    image = ImageFactory.create(name="golden")
    one = ShareGrantFactory.create(image=image, recipient__name="one", shared_at=LONG_AGO)
    two = ShareGrantFactory.create(image=image, recipient__name="two", shared_by="ann")
    stays = ShareGrantFactory.create(image=image)
    browser = client_for(image.owner)

    undo = unshare(browser, image, one.recipient, two.recipient, headers=headers)
    page = browser.get("/bj/images/")

    assert f'action="{undo}"' in page.content.decode()
    assert [grant.recipient for grant in image.grants.all()] == [stays.recipient]

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "golden is shared with one, two again." in text_of(browser.get("/bj/images/"))
    grants = {grant.recipient: grant for grant in image.grants.all()}
    assert grants.keys() == {one.recipient, two.recipient, stays.recipient}
    assert grants[one.recipient].shared_at == LONG_AGO
    assert grants[two.recipient].shared_at == two.shared_at
    assert grants[two.recipient].shared_by == "ann"


def test_the_recipient_can_use_it_again(client_for):
    grant = ShareGrantFactory.create()
    browser, recipient = client_for(grant.owner), client_for(grant.recipient)
    undo = unshare(browser, grant.image, grant.recipient)
    assert recipient.get(page_of(grant.image)).status_code == 404

    browser.post(undo)

    assert recipient.get(page_of(grant.image)).status_code == 200


def test_opened_it_asks_first_and_names_them(client_for, headers):
    grant = ShareGrantFactory.create(recipient__name="payments")
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)

    page = browser.get(undo, headers=headers)

    assert page.status_code == 200
    assert "Restore shares" in text_of(page)
    assert "payments" in text_of(page)
    assert not grant.image.grants.exists()


def test_it_can_be_undone_for_ten_minutes(client_for, headers):
    grant = ShareGrantFactory.create()
    with time_machine.travel(datetime(2026, 11, 24, 12, 0, tzinfo=UTC), tick=False) as clock:
        browser = client_for(grant.owner)
        undo = unshare(browser, grant.image, grant.recipient)
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = browser.post(undo, headers=headers)

        assert answer.status_code == 422
        assert "Shares can be restored for ten minutes." in text_of(answer)
        assert "Shares can be restored for ten minutes." in text_of(browser.get(undo))
        assert not grant.image.grants.exists()

        clock.shift(timedelta(seconds=-1))
        browser.post(undo)

    assert grant.image.grants.get().recipient == grant.recipient


def test_it_is_undone_once(client_for, headers):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    browser.post(undo)
    grant.image.grants.all().delete()

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    assert "These shares were restored already." in text_of(answer)
    assert not grant.image.grants.exists()


def test_when_one_cannot_be_a_recipient_any_more_nobody_is_restored(client_for, headers):
    image = ImageFactory.create()
    full, free = (ShareGrantFactory.create(image=image).recipient for _ in range(2))
    Account.objects.filter(pk=full.pk).update(received_image_limit=1)
    browser = client_for(image.owner)
    undo = unshare(browser, image, full, free)
    ShareGrantFactory.create(recipient=full)

    answer = browser.post(undo, headers=headers)

    assert answer.status_code == 422
    text = text_of(answer)
    assert "Nothing was restored: 1 account cannot be a recipient now." in text
    assert "has no room for another shared image" in text
    assert "get the image back" not in text
    assert "Nothing was restored" in text_of(browser.get(undo))
    assert not image.grants.exists()
    refused = AuditEvent.objects.get(outcome="refused")
    assert (refused.verb, refused.reason) == ("image.shares-restored", "shares-not-restored")


def test_a_recipient_who_was_shared_with_anew_stands_in_the_way(client_for):
    grant = ShareGrantFactory.create(recipient__name="payments")
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    share(browser, grant.image, "payments")

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert "already shared" in text_of(answer)
    assert grant.image.grants.count() == 1


def test_an_account_that_is_gone_stands_in_the_way(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    grant.recipient.delete()

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert "no such account" in text_of(answer)


def test_an_image_that_is_not_available_is_not_restored(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)
    type(grant.image).objects.update(settled_status="Error")

    answer = browser.post(undo)

    assert answer.status_code == 422
    assert str(rules.ImageNotAvailable.sentence) in text_of(answer)
    assert not grant.image.grants.exists()


def test_nobody_else_undoes_it(client_for):
    image = ImageFactory.create()
    gone, still = (ShareGrantFactory.create(image=image).recipient for _ in range(2))
    undo = unshare(client_for(image.owner), image, gone)

    assert client_for(AccountFactory.create()).post(undo).status_code == 404
    assert client_for(gone).post(undo).status_code == 404
    assert client_for(still).post(undo).status_code == 404
    assert [grant.recipient for grant in image.grants.all()] == [still]


def test_one_who_was_taken_from_and_has_it_again_cannot_undo_for_the_others(client_for):
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
def test_an_event_that_is_none_is_not_there(client_for, event):
    image = ImageFactory.create()

    assert client_for(image.owner).post(page_of(image, f"restore/{event}/")).status_code == 404


def test_an_unshare_of_another_image_is_not_there(client_for):
    grant = ShareGrantFactory.create()
    other = ImageFactory.create(owner=grant.owner)
    browser = client_for(grant.owner)
    undo = unshare(browser, grant.image, grant.recipient)

    answer = browser.post(undo.replace(grant.image.image_id, other.image_id))

    assert answer.status_code == 404
    assert not other.grants.exists()


def test_an_unshare_that_was_refused_is_not_there(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)
    browser.post(page_of(grant.image, "unshare/"), {"recipients": "f" * 32})

    undo = page_of(grant.image, f"restore/{AuditEvent.objects.get().pk}/")

    assert browser.get(undo).status_code == browser.post(undo).status_code == 404


def test_an_unshare_from_before_dates_were_kept_is_not_restored(client_for, actor_for, headers):
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
    assert "Share the image anew instead." in text_of(answer)


def test_a_share_is_not_an_unshare(client_for):
    image = ImageFactory.create()
    browser = client_for(image.owner)
    share(browser, image, AccountFactory.create().name)

    answer = browser.post(page_of(image, f"restore/{AuditEvent.objects.get().pk}/"))

    assert answer.status_code == 404


def test_what_an_operator_took_back_its_owner_may_restore(actor_for):
    grant = ShareGrantFactory.create(shared_at=LONG_AGO)
    entries = [sharing.Entry(grant.recipient.name, [grant.recipient])]
    unshared = sharing.unshare(image=grant.image, entries=entries, by=SYSTEM)

    restoring.restore(image=grant.image, unshared=unshared, by=actor_for(grant.owner))

    assert grant.image.grants.get().shared_at == LONG_AGO


def test_restoring_is_recorded_and_takes_as_many_statements_for_one_as_for_fifty(
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

        with django_assert_num_queries(14):
            browser.post(page_of(image, f"restore/{unshared.pk}/"))

        restored = AuditEvent.objects.get(verb="image.shares-restored", target_id=image.image_id)
        assert restored.detail["undoes"] == unshared.pk
        assert len(restored.recipients) == recipients
