"""Pages read few rows for every filter and every kind of account, however large the tables are.

A plan says what PostgreSQL did: rows that it read and then removed by a filter count, too.
"""

from __future__ import annotations

import os

import pytest
from django.db import connection, transaction

from accounts.models import Account, User
from images.models import Image

from ..bench.seeding import KINDS, fill
from ..bench.works import ACTIVITY, IMAGE_LISTS, OTHER_PAGES
from ..factories import AccountFactory, UserFactory
from ..plans import collect_selects, count_read, explain

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("plans")]

IMAGES = int(os.environ.get("PLANNED_IMAGES", "4000"))  # and ten times the shares and events
# The most rows that one query may read. "busy" has 120 images with 50 recipients each.
MOST = {"busy": 3_500, "quiet": 100, "empty": 100}
# A text is compared with each event of the account: "busy" has 6,000, found by their index.
MOST_OF_TEXTS = MOST | {"busy": 13_000}
PAGES = {
    **{name: f"/bj/images/{query}" for name, query in IMAGE_LISTS.items()},
    **{name: f"/bj/activity/{query}" for name, query in ACTIVITY.items()},
    **{name: f"/bj/{path}" for name, path in OTHER_PAGES.items()},
}
TEXTS = {"Activity, by resource", "Activity, nothing found", "Activity, with an account"}


@pytest.fixture(scope="module", autouse=True)
def seeded(django_db_setup, django_db_blocker):
    """Fill the database as `make bench` does, in a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        for name in KINDS:
            account = AccountFactory.create(name=name, uc_account=name)
            UserFactory.create(username=name, account=account)
        cursor.execute("SET LOCAL ROLE NONE; SET LOCAL statement_timeout = 0")
        fill(cursor, IMAGES)
        cursor.execute("ANALYZE; RESET ROLE")
        yield
        transaction.set_rollback(True)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for statement in ("SET ROLE NONE", "VACUUM", "RESET ROLE"):  # other tests read less
            cursor.execute(statement)


@pytest.fixture
def account(kind):
    return Account.objects.get(name=kind)


def count_most_read(queries):
    """Return how many rows the worst of the queries reads, and that query."""
    return max((count_read(explain(query)), query[0]) for query in queries)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_few_rows(client, kind, page):
    client.force_login(User.objects.get(username=kind))

    with collect_selects() as queries:
        assert client.get(PAGES[page]).status_code == 200

    read, query = count_most_read(queries)
    assert read <= (MOST_OF_TEXTS if page in TEXTS else MOST)[kind], query


@pytest.mark.parametrize("page", ["", "share/", "unshare/", "copy/", "delete/"])
def test_a_page_of_an_image_reads_few_rows(client, page):
    client.force_login(User.objects.get(username="busy"))
    image = Image.objects.filter(owner__name="busy", region="bj").first()

    with collect_selects() as queries:
        assert client.get(image.get_absolute_url() + page).status_code == 200

    read, query = count_most_read(queries)
    assert read <= MOST["busy"], query


def test_verdicts_read_few_rows(client):
    client.force_login(User.objects.get(username="quiet"))
    image = Image.objects.get(owner__name="quiet")
    form = {"accounts": "account-7\nACCOUNT-8\nacount-9\nno-such-account"}

    with collect_selects() as queries:
        assert client.post(f"{image.get_absolute_url()}share/check/", form).status_code == 200

    read, query = count_most_read(queries)
    assert read <= 100, query


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("marker", ["", "m-00000100"])
def test_a_list_of_visible_images_reads_few_rows(account, marker):
    visible = Image.objects.visible_to(account).in_region("bj")
    page = visible.filter(image_id__gte=marker).order_by("image_id")[:21]
    shared = Image.objects.shared_with(account).in_region("bj").order_by("image_id")[:21]

    for images in (page, shared, visible.filter(image_id="m-00000010")):
        assert count_read(explain(images)) <= 150
