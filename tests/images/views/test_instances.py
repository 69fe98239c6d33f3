"""The instance list, the page of an instance, and progress."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Instance

from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
)
from ..pages import text_of
from .instance_pages import ADDRESSES, STRONG, all_rows, made, names_on, page_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(settings, time_machine):
    """A clock that stands still unless it is moved; starting and stopping take a minute."""
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    time_machine.move_to(NOON, tick=False)
    return time_machine


# The list


def test_the_list_has_the_accounts_own_instances_of_the_region(client_for, account, headers):
    InstanceFactory.create(owner=account, name="web")
    InstanceFactory.create(owner=account, name="far-away", region__code="gz")
    InstanceFactory.create(owner=account, name="given-up", released_at=NOON)
    InstanceFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/", headers=headers)

    assert names_on(page) == ["web"]
    for name in ("far-away", "given-up", "of-a-stranger"):
        assert name not in text_of(page)


def test_a_row_tells_what_an_instance_is(client_for, account):
    image = ImageFactory.create(owner=account, name="golden")
    web = InstanceFactory.create(owner=account, name="web", image=image)

    page = client_for(account).get("/bj/instances/")

    for words in (
        "web",
        web.instance_id,
        "Running",
        "golden",
        f"Custom image {image.image_id}",
        "bcc.g5.c2m8",
        "2 cores, 8 GB",
        web.internal_ip,
        "1–1 of 1",
    ):
        assert words in text_of(page)
    assert f'href="{page_of(web)}"' in page.content.decode()
    assert f'href="/bj/images/{image.image_id}/"' in page.content.decode()
    assert "no longer available to you" not in text_of(page)


def test_an_image_that_is_gone_is_told_and_leads_nowhere(client_for, account):
    of_a_stranger = ImageFactory.create(name="theirs")
    InstanceFactory.create(owner=account, image=of_a_stranger)
    InstanceFactory.create(owner=account, image_id="m-gone0000", image_name="deleted")

    page = client_for(account).get("/bj/instances/")

    assert text_of(page).count("no longer available to you") == 2
    assert "theirs" in text_of(page)
    assert f"/bj/images/{of_a_stranger.image_id}/" not in page.content.decode()
    assert "/bj/images/m-gone0000/" not in page.content.decode()


def test_the_newest_instance_comes_first(client_for, account):
    for day in (2, 3, 1):
        created_at = datetime(2026, 5, day, tzinfo=UTC)
        InstanceFactory.create(owner=account, name=f"of-day-{day}", created_at=created_at)

    page = client_for(account).get("/bj/instances/")

    assert names_on(page) == ["of-day-3", "of-day-2", "of-day-1"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("web", {"web-1", "old-WEB"}),
        ("WEB", {"web-1", "old-WEB"}),
        ("i-Abcd", {"web-1"}),
        ("i-abcd1234", {"web-1"}),
        ("bcd1", set()),
        ("m-Golden00", {"db"}),
        ("Golden", set()),
        ("%", set()),
        ("of-a-stranger", set()),
        ("", {"web-1", "old-WEB", "db"}),
    ],
)
def test_a_search_looks_at_names_ids_and_image_ids(client_for, account, typed, found):
    InstanceFactory.create(owner=account, name="web-1", instance_id="i-Abcd1234")
    InstanceFactory.create(owner=account, name="old-WEB")
    InstanceFactory.create(owner=account, name="db", image_id="m-Golden00", image_name="g")
    InstanceFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/", {"q": typed})

    assert set(names_on(page)) == found


@pytest.mark.parametrize("status", Instance.Status.values)
def test_every_status_can_be_filtered_for(client_for, account, status):
    InstanceFactory.create(owner=account, name="Starting", starting=True)
    InstanceFactory.create(owner=account, name="Running")
    InstanceFactory.create(owner=account, name="Stopping", stopping=True)
    InstanceFactory.create(owner=account, name="Stopped", stopped=True)
    InstanceFactory.create(owner=account, name="ImageProcessing", image_processing=True)
    InstanceFactory.create(owner=account, name="Expired", expired=True)

    page = client_for(account).get("/bj/instances/", {"status": status})

    assert names_on(page) == [status]
    assert f'<option value="{status}" selected>' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "status=running"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_a_query_that_makes_no_sense_does_not_break_the_list(client_for, account, query):
    InstanceFactory.create(owner=account)

    assert client_for(account).get(f"/bj/instances/?{query}").status_code == 200


def test_an_empty_list_offers_what_fills_it(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    page = browser.get("/bj/instances/")

    assert "No instances yet" in text_of(page)
    assert page.content.decode().count('href="/bj/instances/create/"') == 2


def test_a_search_without_a_match_offers_the_whole_list(client_for, account):
    InstanceFactory.create(owner=account, name="web")

    page = client_for(account).get("/bj/instances/?q=db&status=Running")

    assert "No instance matches" in text_of(page)
    assert "No instances yet" not in text_of(page)
    assert page.content.decode().count('href="/bj/instances/"') >= 2


def test_instances_come_in_pages(client_for, account):
    InstanceFactory.create_batch(45, owner=account, created_at=NOON)
    browser = client_for(account)

    pages = [browser.get(f"/bj/instances/?q=instance&page={n}") for n in (1, 2, 3)]

    assert [len(names_on(page)) for page in pages] == [20, 20, 5]
    assert len({name for page in pages for name in names_on(page)}) == 45
    assert "21–40 of 45" in text_of(pages[1])
    assert "?q=instance&amp;page=3" in pages[1].content.decode()


def test_the_list_and_the_page_are_fragments_for_htmx(client_for, account, htmx):
    web = InstanceFactory.create(owner=account, name="web")
    browser = client_for(account)

    for path in ("/bj/instances/", page_of(web)):
        fragment, page = browser.get(path, headers=htmx), browser.get(path)
        assert "<html" not in fragment.content.decode()
        assert "<html" in page.content.decode()
        assert "web" in text_of(fragment)
        assert "web" in text_of(page)


# One instance


def test_the_page_of_an_instance_tells_all_of_it(client_for, account):
    image = PublicImageFactory.create(name="plain-ubuntu")
    web = InstanceFactory.create(
        owner=account,
        name="web",
        image=image,
        image_type="System",
        desc="The shop",
        expires_at=datetime(2126, 5, 1, tzinfo=UTC),
    )

    page = client_for(account).get(page_of(web))

    for words in (
        "web Running",
        web.instance_id,
        "plain-ubuntu",
        f"Public image {image.image_id}",
        "Ubuntu 22.04 LTS",
        "Beijing",
        "bcc.g5.c2m8, 2 cores, 8 GB",
        "System disk40 GB",
        web.internal_ip,
        "a password of its own",
        "Paid until",
        "The shop",
    ):
        assert words in text_of(page)
    assert "no longer available" not in text_of(page)


def test_the_page_tells_that_the_login_is_the_images(client_for, account):
    web = InstanceFactory.create(owner=account, keeps_image_login=True)

    page = text_of(client_for(account).get(page_of(web)))

    assert "the one in the image" in page
    assert "a password of its own" not in page
    assert "Paid until" not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("whose", ["a strangers", "of another region", "released"])
def test_what_is_not_the_accounts_here_and_now_is_missing(
    client_for, account, headers, method, whose
):
    RegionFactory.create()
    fields = {
        "a strangers": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "released": {"owner": account, "released_at": NOON},
    }[whose]
    instance = InstanceFactory.create(name="hidden", **fields)
    image = PublicImageFactory.create()
    send, before = getattr(client_for(account), method), all_rows()
    data = {"image": image.image_id, "login": "password", "password": STRONG}

    for address in ADDRESSES:
        answers = [
            send(f"/bj/instances/{instance_id}/{address}", data, headers=headers)
            for instance_id in (instance.instance_id, "i-00000000")
        ]
        missing = 405 if (method, address) == ("post", "") else 404
        assert [answer.status_code for answer in answers] == [missing, missing]
        without_request_id = [re.sub(rb"[0-9a-f-]{36}", b"", a.content) for a in answers]
        assert without_request_id[0] == without_request_id[1]
    assert all_rows() == before
    assert not AuditEvent.objects.exists()


def test_an_id_in_upper_case_is_another_id(client_for, account):
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    browser = client_for(account)

    assert browser.get("/bj/instances/i-abcdefgh/").status_code == 200
    assert browser.get("/bj/instances/i-ABCDEFGH/").status_code == 404
    assert browser.get("/bj/instances/I-abcdefgh/").status_code == 404


# Statuses that move by themselves


def test_an_instance_starts_within_a_minute(client_for, account, clock):
    web = made("stopped", owner=account)
    browser = client_for(account)

    browser.post(page_of(web, "start/"))
    clock.shift(timedelta(seconds=30))
    page = browser.get("/bj/instances/").content.decode()
    assert '<progress class="meter" max="100" value="50" aria-label="web: Starting">' in page
    assert not names_on(browser.get("/bj/instances/?status=Running"))
    clock.shift(timedelta(seconds=30))
    assert "<progress" not in browser.get("/bj/instances/").content.decode()
    assert names_on(browser.get("/bj/instances/?status=Running")) == ["web"]


def test_the_list_asks_for_progress_only_while_something_moves(client_for, account, headers):
    still = InstanceFactory.create(owner=account)
    browser = client_for(account)
    quiet = [browser.get(path, headers=headers) for path in ("/bj/instances/", page_of(still))]

    moving = made("starting", owner=account)
    busy = [browser.get(path, headers=headers) for path in ("/bj/instances/", page_of(moving))]

    for page in quiet:
        assert "/bj/instances/progress/" not in page.content.decode()
    for page in busy:
        assert f'hx-get="/bj/instances/progress/?id={moving.instance_id}"' in page.content.decode()
        assert 'hx-trigger="every 2s"' in page.content.decode()


def progress(browser, *instance_ids, region="bj"):
    return browser.get(f"/{region}/instances/progress/", {"id": instance_ids})


def test_progress_answers_what_still_moves(client_for, account):
    one, other = (made("starting", owner=account), made("stopping", owner=account))

    answer = progress(client_for(account), one.instance_id, other.instance_id)

    assert answer.status_code == 200
    assert "HX-Trigger" not in answer.headers
    assert "Starting" in text_of(answer)
    assert "Stopping" in text_of(answer)
    html = answer.content.decode()
    assert f'id="status-{one.instance_id}" hx-swap-oob="true"' in html
    assert f'id="status-{other.instance_id}" hx-swap-oob="true"' in html
    ids = {f"id={one.instance_id}", f"id={other.instance_id}"}
    asked_next = re.search(r'hx-get="/bj/instances/progress/\?([^"]+)"', html).group(1)
    assert set(asked_next.split("&amp;")) == ids


def test_progress_tells_when_one_has_settled(client_for, account):
    moving = made("starting", owner=account)
    settled = InstanceFactory.create(owner=account, name="db", stopped=True)

    answer = progress(client_for(account), moving.instance_id, settled.instance_id)

    assert answer.headers["HX-Trigger"] == '{"instances:changed": {}}'
    assert "db: Stopped." in text_of(answer)
    assert f"progress/?id={moving.instance_id}" in answer.content.decode()
    assert f"id={settled.instance_id}" not in answer.content.decode()


@pytest.mark.parametrize("whose", ["a strangers", "of another region", "released", "nobodys"])
def test_progress_of_what_is_not_there_is_the_same_as_of_nothing(client_for, account, whose):
    RegionFactory.create()
    fields = {
        "a strangers": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "released": {"owner": account, "released_at": NOON},
        "nobodys": {"instance_id": "i-11111111"},
    }[whose]
    hidden = InstanceFactory.create(starting=True, **fields)
    browser = client_for(account)

    answer, nothing = (progress(browser, each) for each in (hidden.instance_id, "i-00000000"))

    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == '{"instances:changed": {}}'
    assert answer.content == nothing.content
    assert text_of(answer).strip() == ""
