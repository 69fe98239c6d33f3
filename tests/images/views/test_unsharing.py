"""The Unshare dialog."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from images.models import ShareGrant

from ...dom import get_values
from ...factories import ShareGrantFactory
from ..pages import page_of

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


def test_the_selection_is_kept_over_the_rate_limit(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()
    selected = [grant.recipient.account_id, "f" * 32]

    response = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"), {"recipients": selected}, headers=headers
    )

    assert response.status_code == 429
    assert get_values(response, "recipients", only="checked") == [grant.recipient.account_id]
    assert get_values(response, "recipients", only="checked") == [grant.recipient.account_id]


def test_a_recipient_is_refused_before_the_recipients_are_read(client_for):
    grant = ShareGrantFactory.create()

    with CaptureQueriesContext(connection) as queries:
        response = client_for(grant.recipient).get(page_of(grant.image, "unshare/"))

    assert response.status_code == 403
    assert not [
        query for query in queries if 'FROM "images_sharegrant"' in query["sql"].split("WHERE")[0]
    ]
