"""The Unshare dialog."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from images import sharing
from images.models import ShareGrant

from ...dom import find_all, get_values
from ...factories import ImageFactory, InstanceFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("selected", [[], ["0" * 32], ["\0"], ["not an id"]])
def test_an_invalid_selection_changes_nothing(client_for, headers, selected):
    grant = ShareGrantFactory.create()

    response = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id, *selected] if selected else []},
        headers=headers,
    )

    assert response.status_code == 422
    assert list(ShareGrant.objects.all()) == [grant]


def test_unsharing_is_not_rate_limited(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": grant.recipient.account_id},
        headers=headers,
    )

    assert not ShareGrant.objects.exists()


def test_the_selection_is_kept_beside_a_stranger_who_is_not_looked_up(
    client_for, headers, settings
):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()
    selected = [grant.recipient.account_id, "f" * 32]

    response = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"), {"recipients": selected}, headers=headers
    )

    assert response.status_code == 422
    assert get_values(response, "recipients", only="checked") == [grant.recipient.account_id]


def test_a_recipient_is_refused_before_the_recipients_are_read(client_for):
    grant = ShareGrantFactory.create()

    with CaptureQueriesContext(connection) as queries:
        response = client_for(grant.recipient).get(page_of(grant.image, "unshare/"))

    assert response.status_code == 403
    assert not [
        query for query in queries if 'FROM "images_sharegrant"' in query["sql"].split("WHERE")[0]
    ]


def unshare_elsewhere(grant, actor_for):
    entries = [sharing.Entry(grant.recipient.name, [grant.recipient])]
    sharing.unshare(image=grant.image, entries=entries, by=actor_for(grant.owner))


def test_what_somebody_else_unshared_meanwhile_is_no_error(client_for, actor_for, headers):
    image = ImageFactory.create(name="golden")
    gone = ShareGrantFactory.create(image=image, recipient__name="gone")
    there = ShareGrantFactory.create(image=image, recipient__name="there")
    other = ShareGrantFactory.create(image=image, recipient__name="other")
    browser = client_for(image.owner)
    unshare_elsewhere(gone, actor_for)

    response = browser.post(
        page_of(image, "unshare/"),
        {"recipients": [gone.recipient.account_id, there.recipient.account_id]},
        headers=headers,
    )

    assert response.status_code == (204 if headers else 303)
    assert [grant.recipient for grant in image.grants.all()] == [other.recipient]
    sentence = "golden is no longer shared with there. It was already unshared from gone."
    assert sentence in text_of(browser.get("/bj/images/"))
    event = AuditEvent.objects.filter(verb="image.unshared").first()
    assert event.recipients == [there.recipient.account_id]


def test_if_all_are_unshared_already_the_message_says_so(client_for, actor_for, headers):
    grant = ShareGrantFactory.create(image__name="golden", recipient__name="gone")
    browser = client_for(grant.owner)
    unshare_elsewhere(grant, actor_for)

    response = browser.post(
        page_of(grant.image, "unshare/"),
        {"recipients": grant.recipient.account_id},
        headers=headers,
    )

    assert response.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/")
    assert "golden was already unshared from gone." in text_of(page)
    assert not find_all(page, "button", type="submit", _class="button quiet")
    assert AuditEvent.objects.filter(verb="image.unshared").count() == 1


def test_an_account_that_was_never_a_recipient_is_still_refused(client_for, actor_for, headers):
    gone = ShareGrantFactory.create()
    there = ShareGrantFactory.create(image=gone.image)
    of_another = ShareGrantFactory.create(image__owner=gone.owner)
    unshare_elsewhere(gone, actor_for)
    unshare_elsewhere(of_another, actor_for)
    grants = (gone, there, of_another)

    response = client_for(gone.owner).post(
        page_of(gone.image, "unshare/"),
        {"recipients": [grant.recipient.account_id for grant in grants]},
        headers=headers,
    )

    assert response.status_code == 422
    sentence = f"The image isn't shared with {of_another.recipient.account_id}."
    assert sentence in text_of(response) or of_another.recipient.name in text_of(response)
    assert get_values(response, "recipients", only="checked") == [there.recipient.account_id]
    assert list(gone.image.grants.all()) == [there]


def test_ok_is_dangerous_and_the_error_goes_away_with_the_first_tick(client_for, headers):
    grant = ShareGrantFactory.create()

    response = client_for(grant.owner).post(page_of(grant.image, "unshare/"), headers=headers)

    assert response.status_code == 422
    assert find_all(response, "button", type="submit", _class="button danger")
    (error,) = find_all(response, "div", _class="until-ticked")
    assert "Select at least one account." in text_of(response)
    assert find_all(error, "div", id="id_recipients_error")


def test_the_chosen_ones_are_on_top_with_what_stops_working(client_for, headers):
    image = ImageFactory.create()
    grants = [ShareGrantFactory.create(image=image, recipient__name=name) for name in "abcd"]
    InstanceFactory.create_batch(2, owner=grants[3].recipient, image=image)
    chosen = grants[3].recipient.account_id

    page = client_for(image.owner).get(
        page_of(image, "unshare/"), {"recipients": chosen}, headers=headers
    )

    assert get_values(page, "recipients") == [
        chosen,
        *(grant.recipient.account_id for grant in grants[:3]),
    ]
    assert get_values(page, "recipients", only="checked") == [chosen]
    assert "2 instances use this image" in text_of(page)
