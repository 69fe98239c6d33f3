"""Exports of the Activity page."""

from __future__ import annotations

import csv
import io
import json

import pytest

from images import sharing

from ...dom import find_all
from ...factories import AccessKeyFactory
from ..pages import text_of
from .events import build_entries, record_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("query", ["since=yesterday", "verb=nonsense", f"account={'x' * 81}"])
def test_an_invalid_filter_exports_nothing(client_for, account, kind, query):
    record_events(account)

    response = client_for(account).get(f"/bj/activity/export/{kind}/?{query}")

    assert response.status_code == 302
    assert response.url == f"/bj/activity/?{query}"


def test_an_export_is_limited_to_the_newest_events(client_for, account, monkeypatch):
    monkeypatch.setattr("images.views.activity.MAX_EXPORTED", 2)
    record_events(account, 3)

    lines = client_for(account).get("/bj/activity/export/jsonl/").getvalue().decode().splitlines()

    assert len(lines) == 2


def test_an_export_has_the_events_that_match_the_filters(client_for, account, image, mei, payments):
    record_events(account, 3)
    sharing.share(image=image, entries=build_entries(payments), by=mei)
    browser = client_for(account)

    response = browser.get("/bj/activity/export/csv/?image=m-golden00")
    body = response.getvalue()
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))

    assert [row[head.index("Action code")] for row in rows] == ["image.shared"]
    assert response["Content-Disposition"] == 'attachment; filename="activity.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Length"] == str(len(body))


def test_the_page_links_to_exports_with_its_filters(client_for, account):
    record_events(account, 21)
    first = client_for(account).get("/bj/activity/?verb=access-key.created")
    query = {"verb": "access-key.created", "before": first.context["page"].older}

    page = client_for(account).get("/bj/activity/", query)

    for kind in ("csv", "jsonl"):
        assert find_all(page, "a", href=f"/bj/activity/export/{kind}/?verb=access-key.created")
    sentence = "Exports contain the newest 20,000 entries that match the filters."
    assert sentence in text_of(page)


def test_an_export_has_all_events_newest_first(client_for, account):
    record_events(account, 2_345)

    response = client_for(account).get("/bj/activity/export/jsonl/")
    lines = response.getvalue().decode().splitlines()

    assert response["Content-Disposition"] == 'attachment; filename="activity.jsonl"'
    assert response["Content-Type"] == "application/jsonl; charset=utf-8"
    assert [json.loads(line)["requestId"] for line in lines] == [
        f"request-{number}" for number in range(2_344, -1, -1)
    ]


def test_an_access_key_description_is_not_exported_as_a_formula(client_for, account):
    key = AccessKeyFactory.create(user__account=account, description="=1+2")
    browser = client_for(account)
    browser.force_login(key.user)
    browser.post(f"/bj/access-keys/{key.key_id}/disable/")

    text = browser.get("/bj/activity/export/csv/").getvalue().decode()

    assert ',"\'=1+2",' in text
    assert '"=1+2"' not in text
