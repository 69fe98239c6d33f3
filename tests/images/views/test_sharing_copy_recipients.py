"""Copying recipients from another image in the Share dialog."""

from __future__ import annotations

import pytest

from images import lifecycle

from ...dom import find_all
from ...factories import AccountFactory, ImageFactory, RegionFactory, ShareGrantFactory
from ..pages import page_of, text_of

pytestmark = pytest.mark.django_db


def test_recipients_of_another_image_are_added_to_the_typed_accounts(client_for, headers):
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    one, two, has_it = (ShareGrantFactory.create(image=other).recipient for _ in range(3))
    ShareGrantFactory.create(image=image, recipient=has_it)
    browser = client_for(image.owner)
    dialog = browser.get(page_of(image, "share/"), headers=headers)
    url = page_of(image, "share/take/")
    assert find_all(dialog, "button", value=other.image_id, formaction=url, hx_post=url)

    response = browser.post(
        url,
        {"accounts": f"nobody {one.account_id}", "source": other.image_id, "acknowledged": "on"},
        headers=headers,
    )

    form = response.context["form"]
    assert form["accounts"].value().split() == ["nobody", one.account_id, two.name]
    assert form["acknowledged"].value() is True
    verdicts = [entry.verdict.value for entry in response.context["review"].entries]
    assert verdicts == ["unknown", "ready", "ready"]
    assert not image.grants.exclude(recipient=has_it).exists()


def test_the_account_id_is_copied_where_two_accounts_match_the_name(client_for, headers):
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    recipient = ShareGrantFactory.create(image=other, recipient__name="ada").recipient
    AccountFactory.create(uc_account="ada")

    response = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": other.image_id}, headers=headers
    )

    assert response.context["form"]["accounts"].value() == recipient.account_id
    assert [e.verdict.value for e in response.context["review"].entries] == ["ready"]


def test_recipients_are_copied_after_too_many_guesses(client_for, headers, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (1, 600)
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    recipient = ShareGrantFactory.create(image=other).recipient
    browser = client_for(image.owner)
    browser.post(page_of(image, "share/check/"), {"accounts": "guess"}, headers=headers)

    response = browser.post(
        page_of(image, "share/take/"), {"accounts": "", "source": other.image_id}, headers=headers
    )

    assert response.status_code == 429
    assert response.context["form"]["accounts"].value() == recipient.name
    assert "Too many attempts." in text_of(response)


def test_an_account_with_one_name_for_both_is_copied_by_it(client_for, headers):
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    ShareGrantFactory.create(image=other, recipient__name="ada", recipient__uc_account="ada")

    response = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": other.image_id}, headers=headers
    )

    assert response.context["form"]["accounts"].value() == "ada"


def test_copied_recipients_are_added_below_a_table(client_for, headers):
    image, other = ImageFactory.create_batch(2, owner=AccountFactory.create())
    ShareGrantFactory.create(image=other, recipient__name="ada")
    table = "Account\tNote\nbob\tplease share"

    response = client_for(image.owner).post(
        page_of(image, "share/take/"),
        {"accounts": table, "source": other.image_id},
        headers=headers,
    )

    assert response.context["form"]["accounts"].value() == f"{table}\nada"
    assert response.context["form"].entries == ["bob", "ada"]


def test_shared_images_of_all_regions_are_offered_as_sources(client_for):
    image = ImageFactory.create()
    elsewhere = ImageFactory.create(owner=image.owner, region=RegionFactory.create(code="gz"))
    ShareGrantFactory.create(image=elsewhere)
    ImageFactory.create(owner=image.owner)
    ShareGrantFactory.create(image=image)
    ShareGrantFactory.create()

    page = client_for(image.owner).get(page_of(image, "share/"))

    assert [source.image_id for source in page.context["sources"]] == [elsewhere.image_id]


@pytest.mark.parametrize("source", ["", "m-00000000", "a\0b"])
def test_recipients_of_an_unknown_image_are_not_copied(client_for, source):
    image = ImageFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": source}
    )

    assert response.status_code == 404


def test_the_list_is_kept_when_the_other_image_is_gone(client_for, actor_for, headers):
    image = ImageFactory.create()
    deleted = ImageFactory.create(owner=image.owner, name="silver", region__code="gz")
    unshared = ImageFactory.create(owner=image.owner)
    source_id = deleted.image_id
    lifecycle.delete(image=deleted, by=actor_for(image.owner))
    browser = client_for(image.owner)
    data = {"accounts": "ada", "acknowledged": "on"}

    sentences = {source_id: "silver was deleted.", unshared.image_id: "This image isn't shared."}
    for source, sentence in sentences.items():
        response = browser.post(
            page_of(image, "share/take/"), data | {"source": source}, headers=headers
        )

        assert response.status_code == 422
        assert sentence in text_of(response)
        assert response.context["form"]["accounts"].value() == "ada"


def test_recipients_of_an_image_of_another_owner_are_not_copied(client_for):
    image = ImageFactory.create()
    received = ShareGrantFactory.create(recipient=image.owner).image
    ShareGrantFactory.create(image=received)

    response = client_for(image.owner).post(
        page_of(image, "share/take/"), {"accounts": "", "source": received.image_id}
    )

    assert response.status_code == 404


def test_a_recipient_cannot_copy_recipients(client_for):
    grant = ShareGrantFactory.create()
    other = ImageFactory.create(owner=grant.owner)
    ShareGrantFactory.create(image=other, recipient__name="somebody-else")

    response = client_for(grant.recipient).post(
        page_of(grant.image, "share/take/"), {"accounts": "", "source": other.image_id}
    )

    assert response.status_code == 403
    assert "somebody-else" not in response.content.decode()


def test_a_recipient_learns_nothing_about_other_images(client_for):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.recipient)
    sources = [
        ShareGrantFactory.create(image__owner=grant.owner).image.image_id,
        ImageFactory.create(owner=grant.owner).image_id,
        grant.image.image_id,
        "m-00000000",
    ]

    responses = [
        browser.post(page_of(grant.image, "share/take/"), {"source": source}) for source in sources
    ]

    assert {response.status_code for response in responses} == {403}
    assert len({text_of(response) for response in responses}) == 1
