"""Verdicts bind OK to what was shown, and say what a spreadsheet may have done."""

from __future__ import annotations

import pytest

from accounts.models import Account, AuditEvent
from images import sharing
from images.sharing import Entry, Verdict

from ..factories import AccountFactory, ImageFactory, ShareGrantFactory

pytestmark = pytest.mark.django_db

OLD, NEW = "0c" * 16, "7f" * 16


@pytest.fixture
def image():
    return ImageFactory.create()


@pytest.fixture
def look_up(image, actor_for):
    """Return a function that looks up texts, with the account ID that was shown for each."""

    def look_up(**shown):
        return sharing.look_up_entries(list(shown), by=actor_for(image.owner), shown=shown)

    return look_up


def judge(image, entries):
    return sharing.preview(image=image, entries=entries).entries


def test_a_text_that_means_another_account_than_shown_is_refused(image, look_up, actor_for):
    AccountFactory.create(name="payments", account_id=NEW)
    AccountFactory.create(name="search", account_id="ab" * 16)
    entries = look_up(payments=OLD, search="ab" * 16)

    with pytest.raises(sharing.EntriesRefused) as refusal:
        sharing.share(image=image, entries=entries, by=actor_for(image.owner))

    changed, ready = refusal.value.review.entries
    assert (changed.verdict, changed.account.name) == (Verdict.CHANGED, "payments")
    assert changed.shown_id == OLD
    assert changed.label == f"Now means payments ({NEW}), not {OLD} as shown before."
    assert ready.verdict is Verdict.READY
    assert not image.grants.exists()
    assert AuditEvent.objects.get(verb="image.shared").detail["verdicts"] == [
        {"entry": "payments", "verdict": "changed"},
        {"entry": "search", "verdict": "ready"},
    ]


def test_a_text_that_was_shown_without_an_account_is_refused_when_it_has_one(image, look_up):
    AccountFactory.create(name="payments", account_id=NEW)

    (entry,) = judge(image, look_up(payments=""))

    assert entry.verdict is Verdict.CHANGED
    assert entry.label == f"No account was shown here. Now it means payments ({NEW})."


def test_a_text_that_has_no_single_account_any_more_has_that_verdict(image, look_up):
    AccountFactory.create(name="search", account_id=NEW)
    AccountFactory.create(uc_account="search")

    unknown, ambiguous = judge(image, look_up(payments=OLD, search=NEW))

    assert (unknown.verdict, ambiguous.verdict) == (Verdict.UNKNOWN, Verdict.AMBIGUOUS)


def test_what_means_the_account_that_was_shown_is_shared(image, look_up, actor_for):
    payments = AccountFactory.create(name="payments", account_id=NEW)

    entries = look_up(payments=NEW)

    assert sharing.share(image=image, entries=entries, by=actor_for(image.owner)) == [payments]


def test_a_list_for_which_nothing_was_shown_is_taken_as_it_stands(image, actor_for):
    payments = AccountFactory.create(name="payments")
    by = actor_for(image.owner)

    entries = sharing.look_up_entries(["payments"], by=by, shown={"search": OLD})

    assert sharing.share(image=image, entries=entries, by=by) == [payments]


def test_a_changed_entry_does_not_make_the_next_one_a_duplicate(image):
    payments = AccountFactory.create(name="payments")
    entries = [Entry("payments", [payments], OLD), Entry(payments.account_id, [payments])]

    assert [entry.verdict for entry in judge(image, entries)] == [Verdict.CHANGED, Verdict.READY]


def test_the_own_account_is_changed_first(image):
    assert [entry.verdict for entry in judge(image, [Entry("x", [image.owner], OLD)])] == [
        Verdict.CHANGED
    ]


def test_an_account_that_was_deleted_since_is_unknown(image):
    account = AccountFactory.create(account_id=NEW)
    entries = [Entry(account.name, [account], NEW)]
    Account.objects.filter(pk=account.pk).delete()

    review = sharing.judge_entries(image, entries, [], sharing.count_shares(image, []))

    assert [entry.verdict for entry in review.entries] == [Verdict.UNKNOWN]


def test_accounts_that_have_the_image_do_not_block_the_others(image, actor_for):
    old = ShareGrantFactory.create(image=image).recipient
    new = AccountFactory.create()
    entries = [Entry(account.name, [account]) for account in (old, new, old)]

    assert [entry.verdict.value for entry in judge(image, entries)] == [
        "already-shared",
        "ready",
        "already-shared",
    ]
    assert sharing.share(image=image, entries=entries, by=actor_for(image.owner)) == [new]
    assert image.grants.count() == 2
    assert AuditEvent.objects.get().recipients == [new.account_id]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "Nothing was shared. The image is already shared with this account."),
        (2, "Nothing was shared. The image is already shared with these 2 accounts."),
    ],
)
def test_a_list_with_nobody_to_add_is_refused(image, actor_for, number, sentence):
    accounts = [grant.recipient for grant in ShareGrantFactory.create_batch(number, image=image)]
    entries = [Entry(account.name, [account]) for account in accounts]
    entries.append(Entry(accounts[0].account_id, [accounts[0]]))

    with pytest.raises(sharing.EntriesRefused) as refusal:
        sharing.share(image=image, entries=entries, by=actor_for(image.owner))

    assert str(refusal.value) == sentence
    assert refusal.value.fields == ("accounts",)
    event = AuditEvent.objects.get()
    assert event.reason == "already-shared"
    assert event.detail["verdicts"] == [
        {"entry": entry.text, "verdict": "already-shared"} for entry in entries
    ]


def test_an_invalid_entry_is_refused_before_one_that_has_the_image(image, actor_for):
    old = ShareGrantFactory.create(image=image).recipient

    with pytest.raises(sharing.EntriesRefused) as refusal:
        sharing.share(
            image=image,
            entries=[Entry(old.name, [old]), Entry("nobody", [])],
            by=actor_for(image.owner),
        )

    assert str(refusal.value) == "Nothing was shared. Fix or remove 1 entry."
    assert refusal.value.facts["verdicts"] == [  # the refused ones first
        {"entry": "nobody", "verdict": "unknown"},
        {"entry": old.name, "verdict": "already-shared"},
    ]


@pytest.mark.parametrize("verdict", Verdict)
def test_three_verdicts_do_not_refuse(verdict):
    assert verdict.is_refusal == (verdict.value not in {"ready", "repeated", "already-shared"})


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.2E+11", "A spreadsheet shortened this number. Enter it in full."),
        ("1.23457E+11", "A spreadsheet shortened this number. Enter it in full."),
        ("1e+11", "A spreadsheet shortened this number. Enter it in full."),
        ("1E11", "A spreadsheet shortened this number. Enter it in full."),
        ("1,2E+11", "A spreadsheet shortened this number. Enter it in full."),
        ("81726354", "A spreadsheet may have removed zeros at its start."),
        ("１２", "A spreadsheet may have removed zeros at its start."),
        ("1.2E+11x", ""),
        ("t1E11", ""),
        ("12E11", ""),
        ("t001", ""),
        ("1.2", ""),
        ("", ""),
    ],
)
def test_an_unknown_number_has_a_hint(image, text, hint):
    (entry,) = judge(image, [Entry(text, [])])

    assert entry.hint == hint


def test_a_known_number_has_no_hint(image):
    account = AccountFactory.create(name="81726354")

    assert [entry.hint for entry in judge(image, [Entry("81726354", [account])])] == [""]


def test_recipients_are_found_without_a_look_up(image):
    one, two = (grant.recipient for grant in ShareGrantFactory.create_batch(2, image=image))
    stranger = AccountFactory.create(name=one.uc_account)
    texts = [one.name, "nobody", two.account_id, one.uc_account]

    entries = sharing.pick_recipients([one, two], texts)

    assert entries == [
        Entry(one.name, [one]),
        Entry("nobody", []),
        Entry(two.account_id, [two]),
        Entry(one.uc_account, [one]),
    ]
    assert sharing.pick_recipients([one, two], [two.uc_account]) == [Entry(two.uc_account, [two])]
    assert sharing.pick_recipients([one, two], [stranger.account_id]) == [
        Entry(stranger.account_id, [])
    ]


def test_a_text_of_two_recipients_is_neither(image, actor_for):
    one = ShareGrantFactory.create(image=image, recipient__name="search").recipient
    two = ShareGrantFactory.create(image=image, recipient__uc_account="search").recipient
    by = actor_for(image.owner)
    entries = sharing.pick_recipients([one, two], ["search"])

    with pytest.raises(sharing.NotRecipients):
        sharing.unshare(image=image, entries=entries, by=by)
    assert image.grants.count() == 2
