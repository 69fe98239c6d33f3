"""The page of an image."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ...dom import find_all, get_text
from ...factories import (
    AccountFactory,
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


def test_an_image_links_to_the_create_instance_page(client_for, account):
    own = ImageFactory.create(owner=account)
    received = ShareGrantFactory.create(recipient=account).image
    public = PublicImageFactory.create()
    browser = client_for(account)

    for image, tab in ((own, "custom"), (received, "shared"), (public, "public")):
        in_row = page_of(image, "menu/") if tab == "custom" else f"/bj/images/?type={tab}"
        for path in (in_row, page_of(image)):
            url = f"/bj/instances/create/?image={image.image_id}"
            assert find_all(browser.get(path), "a", href=url)


def test_an_image_page_lists_the_readers_own_instances_that_use_it(client_for, headers):
    grant = ShareGrantFactory.create(image__name="golden")
    image = grant.image
    InstanceFactory.create(owner=image.owner, name="the-owners", image=image)
    InstanceFactory.create(owner=image.owner, name="released", image=image, released_at=NOON)
    InstanceFactory.create(owner=image.owner, name="of-another-image")
    InstanceFactory.create(owner=grant.recipient, name="the-recipients", image=image)
    InstanceFactory.create(name="of-somebody", image=image)

    shown = {
        reader: [instance.name for instance in page.context["instances"]]
        for reader, page in [
            ("owner", client_for(image.owner).get(page_of(image), headers=headers)),
            ("recipient", client_for(grant.recipient).get(page_of(image), headers=headers)),
        ]
    }

    assert shown == {"owner": ["the-owners"], "recipient": ["the-recipients"]}


def test_an_image_page_shows_whether_instances_use_it_and_polls_their_status(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)

    empty = browser.get(page_of(image))
    web = InstanceFactory.create(owner=account, name="web", image=image, starting=True)
    page = browser.get(page_of(image))

    assert "No instances use this image." in text_of(empty)
    assert not find_all(empty, "div", hx_trigger="every 2s")
    assert "No instances use this image." not in text_of(page)
    assert find_all(page, "a", href=web.get_absolute_url())
    assert find_all(page, "a", href=f"/bj/instances/?q={image.image_id}")
    progress_url = f"/bj/instances/progress/?id={web.instance_id}"
    assert find_all(page, "div", hx_get=progress_url, hx_trigger="every 2s")


def test_a_recipient_does_not_see_the_source_of_an_image(client_for):
    grant = ShareGrantFactory.create(image__source="i-secret00")

    page = client_for(grant.recipient).get(page_of(grant.image))

    assert "i-secret00" not in page.content.decode()


def get_chain(page):
    """Return the links of the chain of sources: their texts and addresses."""
    (chain,) = find_all(page, "ol", _class="chain")
    steps = find_all(chain, "li")
    links = [find_all(step, "a") for step in steps]
    return [
        (
            "".join(get_text(step).split()).removeprefix("←createdfrom"),
            dict(link[0].attributes)["href"] if link else "",
        )
        for step, link in zip(steps, links, strict=True)
    ]


def test_the_source_is_a_chain_of_images_and_instances(client_for, account, headers):
    public = PublicImageFactory.create(name="debian")
    builder = InstanceFactory.create(owner=account, name="builder", image=public)
    first = ImageFactory.create(owner=account, name="first", source=builder.instance_id)
    copy = ImageFactory.create(owner=account, region__code="gz", source=first.image_id)

    chain = get_chain(client_for(account).get(page_of(copy), headers=headers))

    assert chain == [
        (f"first{first.image_id}", first.get_absolute_url()),
        (f"builder{builder.instance_id}", builder.get_absolute_url()),
        (f"debian{public.image_id}", public.get_absolute_url()),
    ]


def test_the_chain_ends_with_what_the_account_cannot_see(client_for, account):
    secret = ImageFactory.create(name="secret-name", source="i-secret00")
    gone = InstanceFactory.create(
        owner=account, name="gone", image=secret, image_name="as-it-was", released_at=NOON
    )
    image = ImageFactory.create(owner=account, source=gone.instance_id)

    page = client_for(account).get(page_of(image))

    assert get_chain(page) == [
        (f"gone{gone.instance_id}", ""),
        (f"as-it-was{secret.image_id}", ""),
    ]
    assert "secret-name" not in page.content.decode()
    assert "i-secret00" not in page.content.decode()


def test_a_received_image_ends_the_chain_without_its_own_source(client_for, account):
    received = ShareGrantFactory.create(recipient=account, image__source="i-secret00").image
    builder = InstanceFactory.create(owner=account, image=received)
    image = ImageFactory.create(owner=account, source=builder.instance_id)

    page = client_for(account).get(page_of(image))

    assert get_chain(page)[-1][1] == received.get_absolute_url()
    assert "i-secret00" not in page.content.decode()


def test_an_instance_of_another_account_is_only_an_id(client_for, account):
    foreign = InstanceFactory.create(owner=AccountFactory.create(), name="foreign-name")
    image = ImageFactory.create(owner=account, source=foreign.instance_id)

    page = client_for(account).get(page_of(image))

    assert get_chain(page) == [(foreign.instance_id, "")]
    assert "foreign-name" not in page.content.decode()


def test_a_chain_that_is_a_circle_ends(client_for, account):
    image = ImageFactory.create(owner=account)
    other = ImageFactory.create(owner=account, source=image.image_id)
    type(image).objects.filter(pk=image.pk).update(source=other.image_id)

    assert len(get_chain(client_for(account).get(page_of(image)))) == 4
