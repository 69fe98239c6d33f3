from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import AuditEvent
from images.models import ShareGrant

from ...admin import ask, confirm
from ...dom import find_all, get_values
from ...factories import (
    AccountFactory,
    ImageFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
)
from ..pages import text_of

pytestmark = pytest.mark.django_db

ADMIN = "/admin/images/sharegrant/"
LONG_AGO = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def unshare(browser, *grants):
    """Unshare with the action of the list. Return the link of its message."""
    page = confirm(browser, ADMIN, ask(browser, ADMIN, "unshare", *grants))
    (link,) = [a for a in find_all(page, "a") if "/undo/" in dict(a.attributes)["href"]]
    return dict(link.attributes)["href"]


def undo(browser, link):
    """Confirm what the review shows."""
    page = browser.get(link)
    names = {dict(field.attributes)["name"] for field in find_all(page, "input", type="hidden")}
    chosen = {name: get_values(page, name) for name in names if name.startswith("accounts-")}
    return text_of(browser.post(link, chosen, follow=True))


def test_undo_restores_all_images_of_the_action_after_a_review(operator):
    image = ImageFactory.create(name="golden")
    one = ShareGrantFactory.create(image=image, recipient__name="payments", shared_at=LONG_AGO)
    two = ShareGrantFactory.create(image__name="base", recipient__name="search")
    link = unshare(operator, one, two)

    review = operator.get(link)

    assert not ShareGrant.objects.exists()
    assert text_of(review).count("Ready") == 2
    assert b'value="Restore 2 shares"' in review.content

    assert "Shared again: base (search), golden (payments)." in undo(operator, link)
    assert image.grants.get().shared_at == LONG_AGO
    assert ShareGrant.objects.count() == 2
    assert AuditEvent.objects.filter(verb="image.shares-restored", channel="admin").count() == 2


def test_what_cannot_be_restored_is_told_with_the_reason(operator):
    full = ShareGrantFactory.create(recipient__name="payments", recipient__received_image_limit=1)
    kept = ShareGrantFactory.create(image=full.image, recipient__name="search")
    link = unshare(operator, full, kept)
    ShareGrantFactory.create(recipient=full.recipient)

    assert "Recipient is at its limit" in text_of(operator.get(link))
    assert f"Shared again: {full.image} (search)." in undo(operator, link)


def test_the_images_of_an_action_are_judged_together(operator):
    recipient = AccountFactory.create(received_image_limit=2)
    grants = ShareGrantFactory.create_batch(2, recipient=recipient)
    link = unshare(operator, *grants)
    ShareGrantFactory.create(recipient=recipient)

    review = operator.get(link)

    assert text_of(review).count("Ready") == 1
    assert text_of(review).count("Recipient is at its limit") == 1
    assert b'value="Restore 1 share"' in review.content
    assert "Nothing was undone" not in undo(operator, link)
    assert ShareGrant.objects.count() == 2


def test_the_messages_have_the_region_if_there_are_several(operator):
    gz = RegionFactory.create(code="gz", name_en="Guangzhou")
    one = ShareGrantFactory.create(image__name="base", recipient__name="payments")
    two = ShareGrantFactory.create(image__name="base", image__region=gz, recipient=one.recipient)
    done = confirm(operator, ADMIN, ask(operator, ADMIN, "unshare", one, two))
    (link,) = [a for a in find_all(done, "a") if "/undo/" in dict(a.attributes)["href"]]

    assert "No longer shared: base (Beijing: payments), base (Guangzhou: payments)" in text_of(done)
    page = undo(operator, dict(link.attributes)["href"])
    assert "Shared again: base (Beijing: payments), base (Guangzhou: payments)." in page


def test_an_account_that_filled_up_after_the_review_stops_only_its_image(operator):
    full = ShareGrantFactory.create(recipient__name="payments", recipient__received_image_limit=1)
    kept = ShareGrantFactory.create(image__name="base", recipient__name="search")
    link = unshare(operator, full, kept)
    events = {event.target_id: event.pk for event in AuditEvent.objects.all()}
    ShareGrantFactory.create(recipient=full.recipient)
    chosen = {
        f"accounts-{events[grant.image.image_id]}": grant.recipient.account_id
        for grant in (full, kept)
    }

    page = text_of(operator.post(link, chosen, follow=True))

    assert "Shared again: base (search)." in page
    assert f"{full.image} (payments): Nothing was undone." in page


def test_undo_is_refused_after_ten_minutes_and_the_second_time(operator):
    link = unshare(operator, ShareGrantFactory.create())
    undo(operator, link)
    assert "This unshare was already undone." in text_of(operator.get(link))

    link = unshare(operator, ShareGrant.objects.get())
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        page = text_of(operator.get(link))
    assert "Unsharing can be undone for 10 minutes only." in page
    assert "Restore" not in page


def test_undo_of_a_deleted_image_says_so(operator):
    grant = ShareGrantFactory.create()
    link = unshare(operator, grant)
    grant.image.delete()

    assert "Image not found." in text_of(operator.get(link))


def test_undo_needs_the_permission_to_share(client):
    clerk = OperatorFactory.create(is_superuser=False)
    names = {"view_sharegrant", "delete_sharegrant"}
    clerk.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(clerk)
    question = ask(client, ADMIN, "unshare", ShareGrantFactory.create())

    assert "Undo" not in text_of(confirm(client, ADMIN, question))
    link = f"{ADMIN}undo/{AuditEvent.objects.get().pk}/"
    assert client.get(link).status_code == 403
    assert client.post(link).status_code == 403
