"""The Share dialog: its order, a full image, a link with accounts, and errors that keep input."""

from __future__ import annotations

import pytest

from accounts.models import ChargedText
from images.models import ShareGrant

from ...dom import find_all, get_text, get_values, parse, walk
from ...factories import AccountFactory, ImageFactory, ShareGrantFactory
from ..pages import page_of, share, text_of

pytestmark = pytest.mark.django_db


def get_position(response, **attributes):
    """Return the place of the first element with these attributes in the document."""
    for place, element in enumerate(walk(parse(response))):
        if attributes.items() <= dict(element.attributes).items():
            return place
    raise AssertionError(attributes)


def test_the_list_and_its_verdicts_come_before_the_notice(client_for, headers):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(page_of(image, "share/"), headers=headers)

    order = ["id_accounts", "verdicts", "checklist", "id_acknowledged", "outcome"]
    places = [get_position(dialog, id=each) for each in order]
    assert places == sorted(places)


def test_the_six_points_are_read_with_the_box_to_tick(client_for, headers):
    image = ImageFactory.create()

    response = client_for(image.owner).post(page_of(image, "share/"), {}, headers=headers)

    (box,) = find_all(response, "input", id="id_acknowledged")
    assert dict(box.attributes)["aria-describedby"] == "checklist id_acknowledged_error"
    (points,) = find_all(response, "ul", id="checklist")
    assert len(find_all(points, "li")) == 6


def test_refused_entries_are_listed_first(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    ShareGrantFactory.create(image=image, recipient__name="bob")

    response = share(client_for(image.owner), image, "ada bob eve ada mallory", headers)

    (verdicts,) = find_all(response, "ul", **{"class": "verdicts"})
    texts = [get_text(find_all(row, "code")[0]) for row in find_all(verdicts, "li")]
    assert texts == ["eve", "mallory", "ada", "bob", "ada"]
    shown = find_all(verdicts, "span", **{"class": "badge verdict"})
    assert [get_text(label) for label in shown] == ["Already shared", "Duplicate"]


def test_a_recipient_in_the_list_does_not_stop_the_others(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    ShareGrantFactory.create(image=image, recipient__name="bob")

    response = share(client_for(image.owner), image, "ada bob", headers)

    assert response.status_code in {204, 303}
    assert image.grants.count() == 2


def test_a_list_of_recipients_only_says_so(client_for, headers):
    image = ImageFactory.create()
    ShareGrantFactory.create(image=image, recipient__name="bob")

    response = share(client_for(image.owner), image, "bob", headers)

    assert response.status_code == 422
    assert "Nothing was shared. The image is already shared with this account." in text_of(response)
    assert "Enter an account that doesn't have this image yet." in text_of(response)


def test_ok_acts_only_on_the_column_whose_verdicts_were_shown(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")
    AccountFactory.create(name="data")
    browser = client_for(image.owner)
    table = {"accounts": "Account\tNote\nada\tdata", "acknowledged": "on", "column": "1"}

    unseen = browser.post(page_of(image, "share/"), table | {"column_shown": "0"}, headers=headers)

    assert unseen.status_code == 422
    assert "The column changed. Check its accounts, then select OK." in text_of(unseen)
    assert [entry.text for entry in unseen.context["review"].entries] == ["data"]
    assert not ShareGrant.objects.exists()
    seen = browser.post(page_of(image, "share/"), table | {"column_shown": "1"}, headers=headers)
    assert seen.status_code in {204, 303}
    assert image.grants.get().recipient.name == "data"


def test_a_full_image_shows_the_way_out_instead_of_a_form(client_for, headers):
    image = ImageFactory.create(owner__recipient_limit=2)
    ShareGrantFactory.create_batch(2, image=image)

    dialog = client_for(image.owner).get(page_of(image, "share/"), headers=headers)

    assert "Shared with 2 of 2 accounts; 0 left" in text_of(dialog)
    assert "This image is shared with 2 accounts, the most it can have." in text_of(dialog)
    assert find_all(dialog, "a", href=page_of(image, "unshare/"))
    assert not find_all(dialog, "textarea")


def test_a_link_fills_the_box_and_shows_the_verdicts(client_for, headers):
    image = ImageFactory.create()
    AccountFactory.create(name="ada")

    dialog = client_for(image.owner).get(
        page_of(image, "share/"), {"accounts": "ada,bob"}, headers=headers
    )

    assert dialog.status_code == 200
    (box,) = find_all(dialog, "textarea")
    assert get_text(box) == "ada,bob"
    verdicts = [entry.verdict.value for entry in dialog.context["review"].entries]
    assert verdicts == ["ready", "unknown"]
    assert not dialog.context["form"]["acknowledged"].value()
    assert not ShareGrant.objects.exists()


@pytest.mark.parametrize(
    ("site", "accounts", "spent"),
    [
        ("same-origin", "bob eve", 2),
        ("none", "bob eve", 2),  # typed or a bookmark
        ("cross-site", "bob eve", 0),
        ("same-site", "bob eve", 0),
        ("none", " ".join(f"guess-{number}" for number in range(51)), 0),
    ],
)
def test_a_link_of_another_site_spends_no_look_ups(client_for, headers, site, accounts, spent):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(
        page_of(image, "share/"),
        {"accounts": accounts},
        headers={**headers, "Sec-Fetch-Site": site},
    )

    (box,) = find_all(dialog, "textarea")
    assert (dialog.status_code, get_text(box)) == (200, accounts)
    assert ChargedText.objects.count() == 2 * spent  # for the person and for the account
    assert len(dialog.context["review"].entries) == spent
    is_told = "These accounts come from a link and aren't checked yet." in text_of(dialog)
    assert is_told == (not spent)


def test_the_list_of_a_link_is_bounded(client_for):
    image = ImageFactory.create()

    dialog = client_for(image.owner).get(page_of(image, "share/"), {"accounts": "nobody," * 600})

    assert dialog.context["form"]["accounts"].value() == "nobody," * 571  # 3,997 characters


def test_a_link_of_a_recipient_looks_nothing_up(client_for):
    grant = ShareGrantFactory.create()

    dialog = client_for(grant.recipient).get(page_of(grant.image, "share/"), {"accounts": "ada"})

    assert dialog.status_code == 403


@pytest.mark.parametrize("page", ["share/", "share/check/"])
def test_the_rate_limit_keeps_the_list_and_the_tick(client_for, settings, page):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    image = ImageFactory.create()
    data = {"accounts": "ada bob", "acknowledged": "on", "removed": "eve"}

    response = client_for(image.owner).post(page_of(image, page), data)

    assert response.status_code == 429
    assert response["Retry-After"] == "600"
    assert response.context["form"]["accounts"].value() == "ada bob"
    assert response.context["form"]["acknowledged"].value()
    assert get_values(response, "removed") == ["eve"]
    assert "Too many attempts." in text_of(response)


def test_the_rate_limit_during_typing_replaces_the_verdicts_only(client_for, htmx, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    image = ImageFactory.create()

    response = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": "ada"}, headers=htmx
    )

    assert response.status_code == 429
    assert "<form" not in response.content.decode()
    assert "Too many attempts." in text_of(response)


def test_a_table_over_the_limit_says_what_was_read(client_for, headers):
    image = ImageFactory.create()
    rows = "\n".join(f"ada-{number}\tnote" for number in range(501))

    response = share(client_for(image.owner), image, f"Account\tNote\n{rows}", headers)

    assert response.status_code == 422
    sentence = "Read 501 accounts from column Account (2 columns, 501 rows). Enter at most 500"
    assert sentence in text_of(response)
