"""The page of an image."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    ShareGrantFactory,
)
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_a_recipient_does_not_see_the_other_recipients(client_for):
    image = ImageFactory.create()
    one = ShareGrantFactory.create(image=image)
    other = ShareGrantFactory.create(image=image, recipient__name="the-other-one")
    browser = client_for(one.recipient)

    for path in (page_of(image), "/bj/images/?type=shared", page_of(image, "unshare/")):
        page = browser.get(path).content.decode()
        assert "the-other-one" not in page
        assert other.recipient.account_id not in page
        assert "/ 50" not in page


def test_creating_an_instance_can_be_begun_from_an_image(client_for, account):
    own = ImageFactory.create(owner=account)
    given = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    browser = client_for(account)

    for image, tab in ((own, "custom"), (given, "shared"), (public, "public")):
        for path in (f"/bj/images/?type={tab}", page_of(image)):
            page = browser.get(path).content.decode()
            assert f'href="/bj/instances/create/?image={image.image_id}"' in page


def test_an_image_lists_the_readers_own_instances_made_from_it(client_for, headers):
    grant = ShareGrantFactory.create(image__name="golden")
    image = grant.image
    InstanceFactory.create(owner=image.owner, name="the-owners", image=image)
    InstanceFactory.create(owner=image.owner, name="given-up", image=image, released_at=NOON)
    InstanceFactory.create(owner=image.owner, name="of-another-image")
    InstanceFactory.create(owner=grant.recipient, name="the-recipients", image=image)
    InstanceFactory.create(name="of-somebody", image=image)

    shown = {
        who: [i.name for i in page.context["instances"]]
        for who, page in [
            ("owner", client_for(image.owner).get(page_of(image), headers=headers)),
            ("recipient", client_for(grant.recipient).get(page_of(image), headers=headers)),
        ]
    }

    assert shown == {"owner": ["the-owners"], "recipient": ["the-recipients"]}


def test_an_image_without_an_instance_says_so_and_with_one_follows_it(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    empty = browser.get(page_of(image))
    web = InstanceFactory.create(owner=account, name="web", image=image, starting=True)
    page = browser.get(page_of(image))

    assert "None of your instances was made from this image." in text_of(empty)
    assert "every 2s" not in empty.content.decode()
    assert "None of your instances" not in text_of(page)
    assert f'href="{web.get_absolute_url()}"' in page.content.decode()
    assert f'href="/bj/instances/?q={image.image_id}"' in page.content.decode()
    assert f'hx-get="/bj/instances/progress/?id={web.instance_id}"' in page.content.decode()


def test_a_recipient_is_not_told_what_an_image_was_made_from(client_for):
    grant = ShareGrantFactory.create(image__source="i-secret00")

    page = client_for(grant.recipient).get(page_of(grant.image))

    assert "i-secret00" not in page.content.decode()
