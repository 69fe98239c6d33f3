"""Recipients taken over from another image."""

from __future__ import annotations

import pytest

from ...factories import AccountFactory, ImageFactory, RegionFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_the_recipients_of_another_image_are_added_to_what_was_typed(client_for, headers):
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    one, two, has_it = (ShareGrantFactory.create(image=other).recipient for _ in range(3))
    ShareGrantFactory.create(image=image, recipient=has_it)
    browser = client_for(image.owner)
    offered = browser.get(page_of(image, "share/"), headers=headers)
    assert f'<option value="{other.image_id}">' in offered.content.decode()

    answer = browser.post(
        page_of(image, "share/take/"),
        {"accounts": f"nobody {one.account_id}", "source": other.image_id, "acknowledged": "on"},
        headers=headers,
    )

    form = answer.context["form"]
    assert form["accounts"].value().split() == ["nobody", one.account_id, two.account_id]
    assert form["acknowledged"].value() is True
    verdicts = [entry.verdict.value for entry in answer.context["review"].entries]
    assert verdicts == ["unknown", "ready", "ready"]
    assert not image.grants.exclude(recipient=has_it).exists()


def test_recipients_are_taken_from_any_region_but_only_from_images_that_somebody_has(client_for):
    image = ImageFactory.create()
    elsewhere = ImageFactory.create(owner=image.owner, region=RegionFactory.create(code="gz"))
    ShareGrantFactory.create(image=elsewhere)
    ImageFactory.create(owner=image.owner)
    ShareGrantFactory.create(image=image)
    ShareGrantFactory.create()

    page = client_for(image.owner).get(page_of(image, "share/"))

    assert [source.image_id for source in page.context["sources"]] == [elsewhere.image_id]


@pytest.mark.parametrize("source", ["", "m-00000000", "a\0b"])
def test_recipients_of_an_image_that_is_not_there_are_not_taken(client_for, source):
    image = ImageFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": source}
    )

    assert answer.status_code == 404


def test_recipients_of_somebody_elses_image_are_not_taken(client_for):
    image = ImageFactory.create()
    received = ShareGrantFactory.create(recipient=image.owner).image
    ShareGrantFactory.create(image=received)

    answer = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": received.image_id}
    )

    assert answer.status_code == 404


def test_a_recipient_takes_no_recipients(client_for):
    grant = ShareGrantFactory.create()
    other = ImageFactory.create(owner=grant.owner)
    ShareGrantFactory.create(image=other, recipient__name="somebody-else")

    answer = client_for(grant.recipient).post(
        page_of(grant.image, "share/take/"), {"accounts": "", "source": other.image_id}
    )

    assert answer.status_code == 403
    assert "somebody-else" not in answer.content.decode()


def test_a_recipient_learns_of_no_other_image(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.recipient)
    sources = [
        ShareGrantFactory.create(image__owner=grant.owner).image.image_id,
        ImageFactory.create(owner=grant.owner).image_id,
        grant.image.image_id,
        "m-00000000",
    ]

    answers = [
        browser.post(page_of(grant.image, "share/take/"), {"source": source}) for source in sources
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert len({text_of(answer) for answer in answers}) == 1
