"""The Activity page as a file."""

from __future__ import annotations

import csv
import io
import json

import pytest

from images import sharing

from ...factories import (
    AccessKeyFactory,
)
from .events import happened, named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("query", ["since=yesterday", "verb=nonsense", f"account={'x' * 81}"])
def test_a_filter_that_is_not_understood_exports_nothing(client_for, account, kind, query):
    happened(account)

    answer = client_for(account).get(f"/activity/export/{kind}/?{query}")

    assert answer.status_code == 302
    assert answer.url == f"/activity/?{query}"


def test_a_file_has_the_newest_ones(client_for, account, monkeypatch):
    monkeypatch.setattr("images.views.activity.EXPORTED", 2)
    happened(account, 3)

    lines = client_for(account).get("/activity/export/jsonl/").getvalue().decode().splitlines()

    assert len(lines) == 2


def test_a_file_has_what_the_filters_show(client_for, account, image, mei, payments):
    happened(account, 3)
    sharing.share(image=image, entries=named(payments), by=mei)
    browser = client_for(account)

    answer = browser.get("/activity/export/csv/?image=m-golden00")
    body = answer.getvalue()
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))

    assert [row[head.index("Verb")] for row in rows] == ["image.shared"]
    assert answer["Content-Disposition"] == 'attachment; filename="activity.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Length"] == str(len(body))


def test_the_page_leads_to_files_of_what_it_shows(client_for, account):
    happened(account, 21)
    first = client_for(account).get("/activity/?verb=session.signed-in")
    query = {"verb": "session.signed-in", "before": first.context["page"].older}

    html = client_for(account).get("/activity/", query).content.decode()

    assert 'href="/activity/export/csv/?verb=session.signed-in"' in html
    assert 'href="/activity/export/jsonl/?verb=session.signed-in"' in html
    assert "A file has the newest 20,000 of what the filters show." in html


def test_a_file_has_all_of_them_newest_first(client_for, account):
    happened(account, 2_345)

    answer = client_for(account).get("/activity/export/jsonl/")
    lines = answer.getvalue().decode().splitlines()

    assert answer["Content-Disposition"] == 'attachment; filename="activity.jsonl"'
    assert answer["Content-Type"] == "application/jsonl; charset=utf-8"
    assert [json.loads(line)["requestId"] for line in lines] == [
        f"request-{number}" for number in range(2_344, -1, -1)
    ]


def test_the_name_of_an_access_key_is_no_formula(client_for, account):
    key = AccessKeyFactory.create(user__account=account, description="=1+2")
    browser = client_for(account)
    browser.force_login(key.user)
    browser.post(f"/access-keys/{key.key_id}/disable/")

    text = browser.get("/activity/export/csv/").getvalue().decode()

    assert ',"\'=1+2",' in text
    assert '"=1+2"' not in text
