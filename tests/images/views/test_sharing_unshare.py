"""The Unshare dialog."""

from __future__ import annotations

import pytest

from images.models import ShareGrant

from ...factories import ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("chosen", [[], ["0" * 32], ["\0"], ["not an id"]])
def test_unsharing_with_a_wrong_choice_changes_nothing(client_for, headers, chosen):
    grant = ShareGrantFactory.create()

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id, *chosen] if chosen else []},
        headers=headers,
    )

    assert answer.status_code == 422
    assert list(ShareGrant.objects.all()) == [grant]


def test_unsharing_needs_no_tries(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": grant.recipient.account_id},
        headers=headers,
    )

    assert not ShareGrant.objects.exists()


def test_unsharing_when_out_of_tries_keeps_the_ticks(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()
    chosen = [grant.recipient.account_id, "f" * 32]

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"), {"recipients": chosen}, headers=headers
    )

    assert answer.status_code == 429
    assert "1 of 1 selected" in text_of(answer)
    assert f'value="{grant.recipient.account_id}" checked' in answer.content.decode()
