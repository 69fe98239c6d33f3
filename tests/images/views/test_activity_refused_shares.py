"""Why a share failed: each entry with its verdict, on every page and in the exports."""

from __future__ import annotations

import csv
import io
import json

import pytest

from accounts.actors import Actor, Channel
from accounts.models import AuditEvent, Role
from images import sharing

from ...dom import find_all, get_text
from ..pages import page_of, share, text_of
from .events import build_entries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.fixture
def browser(client_for, account):
    return client_for(account)


@pytest.fixture
def refused(browser, image, payments):
    """Refuse a share with five entries, of which two are wrong."""
    typed = "payments wrong-1 uc-payments platform payments"
    assert share(browser, image, typed).status_code == 422
    return AuditEvent.objects.get(outcome="refused")


VERDICTS = [
    ("wrong-1", "Account not found"),
    ("platform", "Your own account"),
    ("payments", "Ready"),
    ("uc-payments", "Duplicate"),
    ("payments", "Duplicate"),
]


@pytest.mark.usefixtures("refused")
def test_activity_shows_every_entry_with_its_verdict_the_refused_ones_first(browser):
    page = browser.get("/bj/activity/")

    (activity,) = page.context["activities"]
    assert (activity.action, activity.result) == ("Share image", "Failed")
    assert activity.reason == "Nothing was shared. Fix or remove 2 entries."
    assert [tuple(entry) for entry in activity.entries] == VERDICTS
    shown, more = [
        [get_text(item) for item in find_all(each, "li")]
        for each in find_all(page, "ul", class_="checked")
    ]
    assert shown == ["wrong-1Account not found", "platformYour own account", "paymentsReady"]
    assert more == ["uc-paymentsDuplicate", "paymentsDuplicate"]
    assert "2 more entries" in get_text(find_all(page, "details", class_="more")[0])


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("address", ["/bj/", "/bj/images/m-golden00/"])
def test_a_timeline_shows_the_verdicts(browser, address):
    page = browser.get(address)

    assert find_all(page, "ol", class_="timeline")
    text = text_of(page)
    assert "Share image golden Failed: Nothing was shared. Fix or remove 2 entries." in text
    assert "wrong-1 Account not found" in text


@pytest.mark.usefixtures("refused")
def test_exports_have_the_verdicts(browser):
    body = browser.get("/bj/activity/export/csv/").getvalue().decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(body, newline=""))
    (line,) = browser.get("/bj/activity/export/jsonl/?result=refused").getvalue().splitlines()
    found = json.loads(line)

    assert row[head.index("Action")] == found["what"] == "Share image"
    assert row[head.index("Entries")] == (
        "wrong-1 (Account not found), platform (Your own account), payments (Ready),"
        " uc-payments (Duplicate), payments (Duplicate)"
    )
    assert [(each["entry"], each["verdict"]) for each in found["entries"]] == VERDICTS


def test_a_former_verdict_shows_its_code(browser, account, image, refused):
    AuditEvent.objects.create(
        verb="image.shared",
        outcome="refused",
        reason="entries-refused",
        channel="console",
        actor_account_id=account.account_id,
        accounts=[account.account_id],
        detail={"refused": 1, "verdicts": [{"entry": "payments", "verdict": "frozen"}]},
    )

    newest = browser.get("/bj/activity/").context["activities"][0]

    assert [tuple(entry) for entry in newest.entries] == [("payments", "frozen")]


def test_a_refused_unshare_shows_who_is_no_recipient(
    browser, image, payments, logistics, actor_for
):
    sharing.share(image=image, entries=build_entries(logistics), by=actor_for(image.owner))
    with pytest.raises(sharing.NotRecipients):
        sharing.unshare(image=image, entries=build_entries(payments), by=actor_for(image.owner))

    activity, _shared = browser.get("/bj/activity/").context["activities"]

    assert activity.action == "Unshare image"
    assert [tuple(entry) for entry in activity.entries] == [("payments", "Not a recipient")]


def test_what_an_operator_entered_is_hidden_from_the_account(browser, image, payments):
    operator = Actor(account=None, name="olga", role=Role.ADMIN, channel=Channel.ADMIN)
    entries = [*build_entries(payments), sharing.Entry("wrong-1", [])]
    with pytest.raises(sharing.EntriesRefused):
        sharing.share(image=image, entries=entries, by=operator)

    page = browser.get("/bj/activity/")

    (activity,) = page.context["activities"]
    assert activity.reason == "Nothing was shared. Fix or remove 1 entry."
    assert activity.entries == []
    assert "wrong-1" not in page.content.decode()


@pytest.mark.usefixtures("refused")
def test_an_account_that_was_entered_sees_nothing(client_for, payments, image):
    browser = client_for(payments)

    assert not browser.get("/bj/activity/").context["activities"]
    assert browser.get(page_of(image)).status_code == 404
    assert b"wrong-1" not in browser.get("/bj/activity/export/csv/").getvalue()


@pytest.mark.usefixtures("refused")
def test_a_chinese_reader_reads_chinese(browser):
    browser.cookies["django_language"] = "zh-hans"

    (activity,) = browser.get("/bj/activity/").context["activities"]

    assert (activity.action, activity.result) == ("共享镜像", "失败")
    assert activity.entries[0].verdict != "Account not found"
