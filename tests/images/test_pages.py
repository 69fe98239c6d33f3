"""The pages as a browser sees them, with htmx and without."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import AuditEvent
from images.models import Image, ShareGrant

from ..factories import (
    PASSWORD,
    AccountFactory,
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def text_of(response):
    """What a person reads, with single spaces."""
    html = re.sub(r"<(script|style|svg).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def page_of(image, dialog=""):
    return f"/{image.region_id}/images/{image.image_id}/{dialog}"


@pytest.fixture(params=["htmx", "plain"])
def headers(request, htmx):
    return htmx if request.param == "htmx" else {}


def test_the_flow_of_the_document(headers, account):
    """Sign in, Image, select, Share Image, enter IDs, OK; Unshare, list, choose, OK."""
    UserFactory.create(username="mei", account=account)
    image = ImageFactory.create(owner=account, name="golden")
    payments = AccountFactory.create(name="payments", uc_account="baidu-payments")
    search = AccountFactory.create(name="search")
    browser = Client(enforce_csrf_checks=True)

    page = browser.get("/sign-in/")
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    page = browser.post(
        "/sign-in/", {"username": "mei", "password": PASSWORD, **token}, follow=True
    )
    assert page.redirect_chain[-1][0] == "/bj/images/"
    assert "golden" in text_of(page)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}

    chosen = {"action": "share", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", chosen, headers=headers, follow=True)
    assert dialog.redirect_chain == [(page_of(image, "share/"), 302)]
    assert "Shared with 0 of 50 users; 50 left" in text_of(dialog)

    answer = browser.post(
        page_of(image, "share/"),
        {
            "accounts": f"baidu-payments\n{search.account_id}",
            "acknowledged": "on",
            **token,
        },
        headers=headers,
    )
    assert answer.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/", headers=headers)
    assert "golden is now shared with payments, search." in text_of(page)
    assert "2 / 50" in text_of(page)
    assert set(image.grants.values_list("recipient__name", flat=True)) == {"payments", "search"}

    chosen = {"action": "unshare", "image": image.image_id}
    dialog = browser.get("/bj/images/choose/", chosen, headers=headers, follow=True)
    assert f'value="{payments.account_id}"' in dialog.content.decode()
    assert f'value="{search.account_id}"' in dialog.content.decode()

    answer = browser.post(
        page_of(image, "unshare/"), {"recipients": [search.account_id], **token}, headers=headers
    )
    assert answer.status_code == (204 if headers else 303)
    page = browser.get("/bj/images/", headers=headers)
    assert "golden is no longer shared with search." in text_of(page)
    assert list(image.grants.values_list("recipient__name", flat=True)) == ["payments"]


def test_htmx_is_told_to_close_the_dialog_and_refresh_the_list(client_for, htmx):
    grant = ShareGrantFactory.create()

    answer = client_for(grant.owner).post(
        page_of(grant.image, "unshare/"),
        {"recipients": [grant.recipient.account_id]},
        headers=htmx,
    )

    assert answer.status_code == 204
    assert set(answer.headers["HX-Trigger"].split('"')) >= {"images:changed", "dialog:close"}


@pytest.mark.parametrize("dialog", ["share/", "unshare/", "edit/", "delete/"])
def test_a_dialog_is_a_fragment_for_htmx_and_a_page_without(client_for, htmx, dialog):
    grant = ShareGrantFactory.create()
    browser = client_for(grant.owner)

    fragment = browser.get(page_of(grant.image, dialog), headers=htmx)
    page = browser.get(page_of(grant.image, dialog))

    assert "<html" not in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


def test_the_list_is_a_fragment_for_htmx(client_for, account, htmx):
    ImageFactory.create(owner=account, name="golden")

    fragment = client_for(account).get("/bj/images/", headers=htmx).content.decode()

    assert "golden" in fragment
    assert "<html" not in fragment


# Who sees what


def test_each_tab_shows_its_images_of_the_region_only(client_for, account):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(recipient=account, image__name="given")
    ShareGrantFactory.create(
        recipient=account, image__name="given-elsewhere", image__region__code="gz"
    )
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    shown = {
        tab: [row["image"].name for row in browser.get(f"/bj/images/?type={tab}").context["rows"]]
        for tab in ("custom", "shared", "public")
    }

    assert shown == {"custom": ["mine"], "shared": ["given"], "public": ["for-all"]}


def test_the_shared_tab_names_owner_and_its_own_limit(client_for, account):
    grant = ShareGrantFactory.create(recipient=account, image__owner__name="security")
    ShareGrantFactory.create(recipient=account, image__region__code="gz")

    page = client_for(account).get("/bj/images/?type=shared")

    assert "security" in text_of(page)
    assert grant.owner.account_id in text_of(page)
    assert "2 of 20 shared images" in text_of(page)


def test_after_unsharing_the_image_is_gone_for_the_recipient(client_for):
    grant = ShareGrantFactory.create(image__name="golden")
    recipient, owner = client_for(grant.recipient), client_for(grant.owner)
    assert "golden" in text_of(recipient.get("/bj/images/?type=shared"))

    owner.post(page_of(grant.image, "unshare/"), {"recipients": [grant.recipient.account_id]})

    assert "golden" not in text_of(recipient.get("/bj/images/?type=shared"))
    assert recipient.get(page_of(grant.image)).status_code == 404


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


DIALOGS = {
    "share/": {"accounts": "somebody", "acknowledged": "on"},
    "share/check/": {"accounts": "somebody"},
    "unshare/": {"recipients": "0" * 32},
    "edit/": {"name": "mine", "desc": ""},
    "delete/": {},
}


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_strangers_image_is_a_missing_image(client_for, headers, dialog, method):
    image = ImageFactory.create()
    browser = client_for(AccountFactory.create())
    missing = image.get_absolute_url().replace(image.image_id, "m-00000000")

    answers = [
        getattr(browser, method)(path + dialog, DIALOGS[dialog], headers=headers)
        for path in (page_of(image), missing)
    ]

    if (method, dialog) != ("get", "share/check/"):
        assert [answer.status_code for answer in answers] == [404, 404]
    without_request_id = [re.sub(rb"[0-9a-f-]{36}", b"", a.content) for a in answers]
    assert without_request_id[0] == without_request_id[1]
    assert Image.objects.get() == image
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("kind", ["received", "public"])
def test_forcing_an_action_on_an_image_of_others_is_refused(client_for, dialog, kind):
    grant = ShareGrantFactory.create()
    public = PublicImageFactory.create()
    image = grant.image if kind == "received" else public
    before = list(Image.objects.order_by("pk").values())

    answer = client_for(grant.recipient).post(page_of(image, dialog), DIALOGS[dialog])

    assert answer.status_code == 403
    assert ("Only its owner" if kind == "received" else "Only custom images") in text_of(answer)
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_name) == ("refused", image.name)
    assert "mine" not in text_of(answer)
    assert list(Image.objects.order_by("pk").values()) == before
    assert list(ShareGrant.objects.all()) == [grant]


def test_an_image_is_found_in_its_own_region_only(client_for):
    RegionFactory.create(code="gz")
    image = ImageFactory.create(region__code="bj")
    browser = client_for(image.owner)

    assert browser.get(f"/bj/images/{image.image_id}/").status_code == 200
    assert browser.get(f"/gz/images/{image.image_id}/").status_code == 404
    assert browser.get("/xx/images/").status_code == 404


def test_an_id_in_upper_case_is_another_id(client_for):
    image = ImageFactory.create(image_id="m-abcdefgh")
    browser = client_for(image.owner)

    assert browser.get("/bj/images/m-ABCDEFGH/").status_code == 404
    assert browser.get("/bj/images/M-abcdefgh/").status_code == 404


def test_a_disabled_action_says_why(client_for, account):
    making = ImageFactory.create(owner=account, status=Image.Status.CREATING)
    ShareGrantFactory.create_batch(3, image__owner=account, image=ImageFactory(owner=account))

    page = text_of(client_for(account).get("/bj/images/"))

    assert "Only an available image can be shared." in page
    assert "Shared with 3 accounts. Unshare it first." in page
    assert "An image that is being created cannot be deleted." in page
    assert making.name in page


def test_a_shared_image_leads_from_delete_to_unshare(client_for, headers):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(2, image=image)
    browser = client_for(image.owner)

    asked = browser.get(page_of(image, "delete/"), headers=headers)
    forced = browser.post(page_of(image, "delete/"), headers=headers)

    assert (asked.status_code, forced.status_code) == (200, 422)
    for answer in (asked, forced):
        assert "Shared with 2 accounts. Unshare it first." in text_of(answer)
        assert f'href="{page_of(image, "unshare/")}"' in answer.content.decode()
    assert Image.objects.get() == image


# Search, filters, pages


def test_filters_narrow_the_list(client_for, account):
    ImageFactory.create(owner=account, name="golden-linux", image_id="m-Abcd1234")
    ImageFactory.create(owner=account, name="windows", os_type="windows")
    ShareGrantFactory.create(image=ImageFactory.create(owner=account, name="given"))
    ImageFactory.create(owner=account, name="broken", status=Image.Status.ERROR)
    browser = client_for(account)

    def found(query):
        return {row["image"].name for row in browser.get(f"/bj/images/?{query}").context["rows"]}

    assert found("q=GOLDEN") == {"golden-linux"}
    assert found("q=m-Abcd") == {"golden-linux"}
    assert found("os=windows") == {"windows"}
    assert found("status=Error") == {"broken"}
    assert found("shared=yes") == {"given"}
    assert found("shared=no") == {"golden-linux", "windows", "broken"}
    assert found("q=nothing-has-this-name") == set()
    assert found("q=%25") == set()


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "os=mac", "shared=maybe", "type=mine"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_a_query_that_makes_no_sense_does_not_break_the_list(client_for, account, query):
    ImageFactory.create(owner=account, name="golden")

    assert client_for(account).get(f"/bj/images/?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/bj/images/?q=%00", "/bj/images/%00/", "/admin/?x=%00"])
def test_nul_in_an_address_is_a_bad_request(client_for, account, path):
    RegionFactory.create()

    answer = client_for(account).get(path)

    assert answer.status_code == 400
    assert "Nothing was changed." in text_of(answer)


def test_public_images_come_in_pages(client_for, account):
    PublicImageFactory.create_batch(45)
    browser = client_for(account)

    pages = [browser.get(f"/bj/images/?type=public&page={n}").context["rows"] for n in (1, 2, 3)]

    assert [len(rows) for rows in pages] == [20, 20, 5]
    assert len({row["image"].pk for rows in pages for row in rows}) == 45


# Bad input to Share


def share(browser, image, accounts, headers=None, **fields):
    data = {"accounts": accounts, "acknowledged": "on", **fields}
    return browser.post(page_of(image, "share/"), data, headers=headers)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter at least one account."),
        (" \n,;，； ", "Enter at least one account."),
        ("nobody", "no such account"),
        ("💳", "no such account"),
        ("ｐｌａｔｆｏｒｍ", "no such account"),
        ("AB" * 16, "no such account"),
        ("a\0b", "Null characters are not allowed."),
        ("<img src=x onerror=alert(1)>", "no such account"),
        ("\n".join(f"nobody-{n}" for n in range(10_000)), "These are 10000 entries"),
        ("x" * 100_000, "no such account"),
    ],
    ids=lambda value: value[:12],
)
def test_a_list_that_cannot_be_shared_with_comes_back(client_for, headers, typed, sentence):
    image = ImageFactory.create()

    answer = share(client_for(image.owner), image, typed, headers)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert answer.context["form"]["accounts"].value() == typed
    assert "onerror=alert(1)>" not in answer.content.decode()
    assert not ShareGrant.objects.exists()


def test_without_the_acknowledgement_nothing_is_shared(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/"), {"accounts": recipient.name}, headers=headers
    )

    assert answer.status_code == 422
    assert "Confirm that the image was checked" in text_of(answer)
    assert recipient.account_id in text_of(answer)
    assert not ShareGrant.objects.exists()


def test_every_entry_has_its_verdict_and_nothing_is_shared(client_for, headers):
    image = ImageFactory.create(owner__name="platform")
    ready = AccountFactory.create(name="ready-one")
    ShareGrantFactory.create(image=image, recipient__name="has-it")
    full = AccountFactory.create(name="full", received_image_limit=0)
    typed = f"ready-one, {ready.account_id} has-it; platform\nnobody\tfull"

    answer = share(client_for(image.owner), image, typed, headers)

    assert answer.status_code == 422
    found = {entry.text: entry.verdict.value for entry in answer.context["review"].entries}
    assert found == {
        "ready-one": "ready",
        ready.account_id: "repeated",
        "has-it": "already-shared",
        "platform": "owner",
        "nobody": "unknown",
        "full": "no-room",
    }
    for sentence in ("repeated here", "already shared", "that is you", "has no room"):
        assert sentence in text_of(answer)
    assert not full.received_grants.exists()
    assert not ready.received_grants.exists()


def test_the_fifty_first_entry_is_marked(client_for):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(38, image=image)
    accounts = AccountFactory.create_batch(13)

    answer = share(client_for(image.owner), image, "\n".join(a.name for a in accounts))

    assert answer.status_code == 422
    assert "Shared with 38 of 50 users; 12 left" in text_of(answer)
    verdicts = [entry.verdict.value for entry in answer.context["review"].entries]
    assert verdicts == ["ready"] * 12 + ["over-limit"]
    assert image.grants.count() == 38


def test_a_second_click_on_ok_says_that_it_is_shared_already(client_for, headers):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = client_for(image.owner)

    first = share(browser, image, recipient.name, headers)
    second = share(browser, image, recipient.name, headers)

    assert first.status_code == (204 if headers else 303)
    assert second.status_code == 422
    assert "already shared" in text_of(second)
    assert image.grants.count() == 1


def test_leading_zeros_and_spreadsheet_columns_survive(client_for):
    image = ImageFactory.create()
    AccountFactory.create(name="0081726354")
    AccountFactory.create(account_id="00" + "ab" * 15)
    typed = "\ufeff0081726354\r\n" + "00" + "ab" * 15 + "\r\n"

    answer = share(client_for(image.owner), image, typed)

    assert answer.status_code == 303
    assert image.grants.count() == 2


def test_fields_that_the_form_does_not_have_change_nothing(client_for, account):
    image = ImageFactory.create(owner=account)
    other = AccountFactory.create()
    extra = {"owner": other.pk, "status": "Error", "image_id": "m-hacked00", "type": "System"}

    client_for(account).post(page_of(image, "edit/"), {"name": "new", "desc": "d", **extra})

    after = Image.objects.get()
    assert (after.name, after.desc) == ("new", "d")
    assert (after.owner, after.status, after.image_id) == (account, "Available", image.image_id)


def test_guessing_accounts_is_slowed(client_for, htmx, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (10, 600)
    image = ImageFactory.create()
    known = AccountFactory.create()
    browser = client_for(image.owner)
    check = page_of(image, "share/check/")

    first = browser.post(check, {"accounts": "\n".join(f"guess-{n}" for n in range(10))})
    second = browser.post(check, {"accounts": "one-more"}, headers=htmx)
    third = share(browser, image, f"one-more {known.name}", htmx)
    honest = share(browser, image, known.name, htmx)

    assert [a.status_code for a in (first, second, third, honest)] == [200, 429, 429, 204]
    assert "Too many tries. Wait 10 minutes and try again." in text_of(second)
    assert third.context["form"]["accounts"].value() == f"one-more {known.name}"
    assert AuditEvent.objects.filter(verb="account.looked-up", outcome="refused").count() == 2


# Checking while typing


def test_check_judges_and_writes_nothing(client_for, htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": f"{recipient.name} nobody"}, headers=htmx
    )

    assert answer.status_code == 200
    assert recipient.account_id in text_of(answer)
    assert "no such account" in text_of(answer)
    assert "<form" not in answer.content.decode()
    assert not ShareGrant.objects.exists()


def test_check_without_javascript_answers_the_whole_form(client_for):
    image = ImageFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": "nobody", "acknowledged": "on"}
    )

    assert answer.status_code == 200
    assert answer.context["form"]["accounts"].value() == "nobody"
    assert answer.context["form"]["acknowledged"].value() is True
    assert "Confirm that" not in text_of(answer)


def test_refused_entries_can_be_taken_out(client_for, headers):
    image = ImageFactory.create()
    good, better = AccountFactory.create_batch(2)

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"),
        {"accounts": f"{good.name} nobody {good.account_id} {better.uc_account}", "keep": "ready"},
        headers=headers,
    )

    assert answer.context["form"]["accounts"].value() == f"{good.name}\n{better.uc_account}"


@pytest.mark.parametrize(
    ("typed", "status"), [("x " * 501, 422), ("a\0b", 422), ("guess-1 guess-2 guess-3", 429)]
)
def test_taking_out_loses_nothing_when_the_list_is_refused(
    client_for, headers, settings, typed, status
):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (2, 600)
    image = ImageFactory.create()

    answer = client_for(image.owner).post(
        page_of(image, "share/check/"), {"accounts": typed, "keep": "ready"}, headers=headers
    )

    assert answer.status_code == status
    assert answer.context["form"]["accounts"].value() == typed


def test_a_recipient_learns_nothing_from_share_even_when_out_of_tries(client_for, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (0, 600)
    grant = ShareGrantFactory.create()

    answer = share(client_for(grant.recipient), grant.image, "guess")

    assert answer.status_code == 403
    assert "of 50" not in text_of(answer)


def test_ok_is_what_enter_means(client_for, htmx):
    image = ImageFactory.create()
    browser = client_for(image.owner)

    dialog = browser.get(page_of(image, "share/"), headers=htmx).content.decode()
    form = dialog[dialog.index("<form") :]

    first = re.search(r"<button[^>]*type=\"submit\"[^>]*>", form).group()
    assert "formaction" not in first
    assert 'hx-disabled-elt="find button.primary"' in form


def test_a_form_from_before_the_last_sign_in_can_be_sent_again(htmx):
    image = ImageFactory.create()
    recipient = AccountFactory.create()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory.create(account=image.owner))
    data = {"accounts": recipient.name, "acknowledged": "on", "csrfmiddlewaretoken": "x" * 64}

    refused = browser.post(page_of(image, "share/"), data, headers=htmx)
    token = re.search(r'value="(\w{64})"', refused.content.decode()).group(1)
    again = browser.post(
        page_of(image, "share/"), data | {"csrfmiddlewaretoken": token}, headers=htmx
    )

    assert (refused.status_code, refused.headers["HX-Retarget"]) == (403, "#dialog .content")
    assert again.status_code == 204
    assert image.grants.get().recipient == recipient


@pytest.mark.parametrize("page", ["", "share/", "unshare/", "edit/", "delete/"])
def test_no_id_stands_twice_in_a_page_with_its_dialog(client_for, htmx, page):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(11, image=image)
    browser = client_for(image.owner)
    dialog = browser.get(page_of(image, page), headers=htmx).content.decode() if page else ""

    for behind in ("/bj/images/", page_of(image)):
        ids = re.findall(r' id="([^"]+)"', browser.get(behind).content.decode() + dialog)
        ids = [each for each in ids if each != "announcer"]
        assert sorted(ids) == sorted(set(ids))


# Unshare, Edit, Delete


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


def test_edit_shows_the_rule_beside_a_bad_name(client_for, headers):
    image = ImageFactory.create(name="before")

    answer = client_for(image.owner).post(
        page_of(image, "edit/"), {"name": "two words", "desc": "kept"}, headers=headers
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["This name does not follow the rule."]
    assert "a letter first, then letters, digits, Chinese characters" in text_of(answer)
    assert answer.context["form"]["desc"].value() == "kept"
    assert "Edit before" in text_of(answer)
    assert Image.objects.get().name == "before"


def test_delete_says_what_was_deleted(client_for, headers):
    image = ImageFactory.create(name="golden")
    browser = client_for(image.owner)

    answer = browser.post(page_of(image, "delete/"), headers=headers)

    assert answer.status_code == (204 if headers else 303)
    assert "golden was deleted." in text_of(browser.get("/bj/images/", headers=headers))


def test_deleting_from_its_own_page_leads_to_the_list(client_for, htmx):
    image = ImageFactory.create()
    here = {"HX-Current-URL": f"http://testserver{image.get_absolute_url()}#recipients"}

    answer = client_for(image.owner).post(page_of(image, "delete/"), headers=htmx | here)

    assert answer.headers["HX-Redirect"] == "/bj/images/"


def test_an_action_without_a_selected_image_asks_for_one(client_for, account, headers):
    ImageFactory.create(owner=account, name="golden")
    ImageFactory.create(owner=account, name="nightly", status=Image.Status.CREATING)
    ImageFactory.create(owner=account, name="elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")
    browser = client_for(account)

    page = browser.get("/bj/images/choose/?action=share", headers=headers)

    shown = {image.name: str(offer.refusal or "") for image, offer in page.context["choices"]}
    assert shown == {"golden": "", "nightly": "Only an available image can be shared."}
    assert browser.get("/bj/images/choose/?action=explode&image=m-1").status_code == 404
    assert browser.get("/bj/images/choose/?action=share&image=../..").status_code == 404


# How many queries


@pytest.mark.parametrize("rows", [1, 3, 20])
@pytest.mark.parametrize("tab", ["custom", "shared", "public"])
def test_the_image_list_takes_five_queries(
    client_for, account, django_assert_num_queries, tab, rows
):
    if tab == "custom":
        for image in ImageFactory.create_batch(rows, owner=account):
            ShareGrantFactory.create(image=image)
    elif tab == "shared":
        ShareGrantFactory.create_batch(rows, recipient=account)
    else:
        PublicImageFactory.create_batch(rows)
    browser = client_for(account)

    with django_assert_num_queries(5):
        page = browser.get(f"/bj/images/?type={tab}")

    assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("recipients", [1, 3, 20])
def test_the_detail_page_takes_five_queries(client_for, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)

    with django_assert_num_queries(5):
        page = browser.get(page_of(image))

    assert len(page.context["grants"]) == recipients


@pytest.mark.parametrize("recipients", [1, 3, 20])
def test_the_share_dialog_takes_four_queries(
    client_for, htmx, django_assert_num_queries, recipients
):
    image = ImageFactory.create()
    ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)

    with django_assert_num_queries(4):
        browser.get(page_of(image, "share/"), headers=htmx)


@pytest.mark.parametrize("entries", [1, 50])
def test_checking_takes_six_queries(client_for, htmx, django_assert_num_queries, entries):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(entries))
    browser = client_for(image.owner)

    with django_assert_num_queries(6):
        browser.post(page_of(image, "share/check/"), {"accounts": typed}, headers=htmx)


@pytest.mark.parametrize("recipients", [1, 50])
def test_sharing_takes_twelve_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    typed = "\n".join(account.name for account in AccountFactory.create_batch(recipients))
    browser = client_for(image.owner)

    with django_assert_num_queries(12):
        answer = share(browser, image, typed, htmx)

    assert answer.status_code == 204
    assert image.grants.count() == recipients


@pytest.mark.parametrize("recipients", [1, 50])
def test_unsharing_takes_eleven_statements(client_for, htmx, django_assert_num_queries, recipients):
    image = ImageFactory.create()
    grants = ShareGrantFactory.create_batch(recipients, image=image)
    browser = client_for(image.owner)
    chosen = [grant.recipient.account_id for grant in grants]

    with django_assert_num_queries(11):
        browser.post(page_of(image, "unshare/"), {"recipients": chosen}, headers=htmx)

    assert not image.grants.exists()
