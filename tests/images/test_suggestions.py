"""An unknown text is never matched, but the account that it probably means is suggested."""

from __future__ import annotations

import pytest

from accounts import limits
from images import sharing
from images.models import ShareGrant
from images.sharing import Verdict

from ..factories import AccountFactory, ImageFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def image():
    return ImageFactory.create(owner__name="platform", owner__uc_account="uc-platform")


@pytest.fixture
def suggest(image, actor_for):
    """Return a function that looks up texts and returns the suggested names."""

    def suggest(*texts):
        entries = sharing.look_up_entries(texts, by=actor_for(image.owner))
        review = sharing.preview(image=image, entries=entries)
        return [entry.suggestion and entry.suggestion.name for entry in review.entries]

    return suggest


def share_another_image(image, **fields):
    grant = ShareGrantFactory.create(image__owner=image.owner, recipient__received_image_limit=20)
    account = grant.recipient
    for field, value in fields.items():
        setattr(account, field, value)
    account.save()
    return account


@pytest.mark.parametrize("text", ["T001", "t001".upper(), "UC-Search", "AB" * 16])
def test_what_differs_only_in_case_is_suggested(suggest, text):
    AccountFactory.create(name="t001", uc_account="uc-search", account_id="ab" * 16)

    assert suggest(text) == ["t001"]


@pytest.mark.parametrize(
    "text",
    ["paymens", "paymennts", "paymemts", "paymnets", "Paymens", "uc-paymentz", "7f" * 15 + "7"],
    ids=["missing", "added", "wrong", "transposed", "and case", "Baidu account", "account ID"],
)
def test_one_letter_from_an_account_that_one_shares_with_is_suggested(image, suggest, text):
    share_another_image(image, name="payments", uc_account="uc-payments", account_id="7f" * 16)

    assert suggest(text) == ["payments"]


@pytest.mark.parametrize("text", ["paymns", "payment", "paymentss", "snemyap", "p"])
def test_what_differs_by_more_is_not_suggested(image, suggest, text):
    share_another_image(image, name="payments12")

    assert suggest(text) == [None]


def test_a_suggestion_is_not_matched(image, actor_for):
    AccountFactory.create(name="t001")
    entries = sharing.look_up_entries(["T001"], by=actor_for(image.owner))

    with pytest.raises(sharing.EntriesRefused) as refusal:
        sharing.share(image=image, entries=entries, by=actor_for(image.owner))

    (entry,) = refusal.value.review.entries
    assert (entry.verdict, entry.account, entry.suggestion.name) == (Verdict.UNKNOWN, None, "t001")
    assert not ShareGrant.objects.exists()


def test_accounts_that_others_share_with_are_not_revealed(suggest):
    ShareGrantFactory.create(recipient__name="payments")
    AccountFactory.create(name="search-one")

    assert suggest("paymens", "search-on") == [None, None]


def test_nothing_is_suggested_between_several(image, suggest):
    share_another_image(image, name="t011")
    share_another_image(image, name="t012")
    AccountFactory.create(name="search")
    AccountFactory.create(uc_account="Search")

    assert suggest("t01", "SEARCH") == [None, None]
    assert suggest("t01", "t011") == ["t012", None]


def test_the_own_account_is_never_suggested(suggest):
    assert suggest("PLATFORM", "UC-platform") == [None, None]


def test_a_recipient_or_an_account_in_the_list_can_be_meant(image, suggest):
    ShareGrantFactory.create(image=image, recipient__name="payments")
    AccountFactory.create(name="search")

    assert suggest("paymens", "search", "SEARCH") == ["payments", None, "search"]


@pytest.mark.parametrize("text", ["zz", "\0", "x\0y", "💳", "a b", "x" * 81, "ab", ""])
def test_texts_that_are_no_identifiers_are_not_compared(image, suggest, text):
    share_another_image(image, name="abc")

    assert suggest(text) == [None]


def test_known_accounts_have_no_suggestion(image, suggest):
    share_another_image(image, name="payments")
    AccountFactory.create(name="payment5")

    assert suggest("payment5") == [None]


@pytest.mark.parametrize("number", [1, 50])
def test_suggestions_take_two_queries(image, actor_for, django_assert_num_queries, number):
    by = actor_for(image.owner)
    for index in range(number):
        share_another_image(image, name=f"t1{index:03}")
    known = AccountFactory.create().name

    with django_assert_num_queries(1):
        sharing.look_up_entries([known], by=by)
    with django_assert_num_queries(5):
        sharing.look_up_entries([known, *(f"T2{index:03}" for index in range(number))], by=by)


def test_nothing_is_suggested_over_the_limit(image, suggest, settings):
    settings.UNKNOWN_ACCOUNTS_PER_PERSON = (1, 600)
    AccountFactory.create(name="t001")

    assert suggest("T001") == ["t001"]
    with pytest.raises(limits.TooManyTries):
        suggest("T001")
