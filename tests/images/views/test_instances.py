"""The Instances page, the page of an instance, and progress."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Instance

from ...dom import find_all, get_text
from ...factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
)
from ..pages import text_of, without_ids
from .instance_pages import ADDRESSES, STRONG, all_rows, create_web, get_names, page_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock(settings, time_machine):
    """Return a clock that the test moves. An instance takes a minute to start or stop."""
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    time_machine.move_to(NOON, tick=False)
    return time_machine


# The list


def test_the_list_has_the_accounts_own_instances_in_the_region(client_for, account, headers):
    InstanceFactory.create(owner=account, name="web")
    InstanceFactory.create(owner=account, name="far-away", region__code="gz")
    InstanceFactory.create(owner=account, name="released", released_at=NOON)
    InstanceFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/", headers=headers)

    assert get_names(page) == ["web"]
    for name in ("far-away", "released", "of-a-stranger"):
        assert name not in text_of(page)


def test_a_row_describes_an_instance(client_for, account):
    image = ImageFactory.create(owner=account, name="golden")
    web = InstanceFactory.create(owner=account, name="web", image=image)

    page = client_for(account).get("/bj/instances/")

    for text in (
        "web",
        web.instance_id,
        "Running",
        "golden",
        f"Custom Image {image.image_id}",
        "bcc.g5.c2m8",
        "2 cores, 8 GB",
        web.internal_ip,
        "1–1 of 1",
    ):
        assert text in text_of(page)
    assert find_all(page, "a", href=page_of(web))
    assert find_all(page, "a", href=f"/bj/images/{image.image_id}/")
    assert "No longer available to you" not in text_of(page)


def test_an_image_that_is_no_longer_available_has_no_link(client_for, account):
    of_a_stranger = ImageFactory.create(name="theirs")
    InstanceFactory.create(owner=account, image=of_a_stranger)
    InstanceFactory.create(owner=account, image_id="m-gone0000", image_name="deleted")

    page = client_for(account).get("/bj/instances/")

    assert text_of(page).count("No longer available to you") == 2
    assert "theirs" in text_of(page)
    assert f"/bj/images/{of_a_stranger.image_id}/" not in page.content.decode()
    assert "/bj/images/m-gone0000/" not in page.content.decode()


def test_the_newest_instance_comes_first(client_for, account):
    for day in (2, 3, 1):
        created_at = datetime(2026, 5, day, tzinfo=UTC)
        InstanceFactory.create(owner=account, name=f"of-day-{day}", created_at=created_at)

    page = client_for(account).get("/bj/instances/")

    assert get_names(page) == ["of-day-3", "of-day-2", "of-day-1"]


@pytest.mark.parametrize(
    ("query", "names"),
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
def test_a_search_matches_names_ids_and_image_ids(client_for, account, query, names):
    InstanceFactory.create(owner=account, name="web-1", instance_id="i-Abcd1234")
    InstanceFactory.create(owner=account, name="old-WEB")
    InstanceFactory.create(owner=account, name="db", image_id="m-Golden00", image_name="g")
    InstanceFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/", {"q": query})

    assert set(get_names(page)) == names


@pytest.mark.parametrize("status", Instance.Status.values)
def test_the_list_can_be_filtered_by_each_status(client_for, account, status):
    InstanceFactory.create(owner=account, name="Starting", starting=True)
    InstanceFactory.create(owner=account, name="Running")
    InstanceFactory.create(owner=account, name="Stopping", stopping=True)
    InstanceFactory.create(owner=account, name="Stopped", stopped=True)
    InstanceFactory.create(owner=account, name="ImageProcessing", image_processing=True)
    InstanceFactory.create(owner=account, name="Expired", expired=True)

    page = client_for(account).get("/bj/instances/", {"status": status})

    assert get_names(page) == [status]
    assert find_all(page, "option", value=status, selected=None)


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "status=running"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_an_invalid_query_does_not_break_the_list(client_for, account, query):
    InstanceFactory.create(owner=account)

    assert client_for(account).get(f"/bj/instances/?{query}").status_code == 200


def test_an_empty_list_offers_to_create_an_instance(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    page = browser.get("/bj/instances/")

    assert "No instances yet" in text_of(page)
    assert len(find_all(page, "a", href="/bj/instances/create/")) == 2


def test_a_search_without_a_match_offers_to_clear_the_filters(client_for, account):
    InstanceFactory.create(owner=account, name="web")

    page = client_for(account).get("/bj/instances/?q=db&status=Running")

    assert "No results match your filters. Clear filters" in text_of(page)
    assert "No instances yet" not in text_of(page)
    links = find_all(page, "a", href="/bj/instances/")
    assert [get_text(link) for link in links].count("Clear filters") == 2


def test_instances_are_paged(client_for, account):
    InstanceFactory.create_batch(45, owner=account, created_at=NOON)
    browser = client_for(account)

    pages = [browser.get(f"/bj/instances/?q=instance&page={n}") for n in (1, 2, 3)]

    assert [len(get_names(page)) for page in pages] == [20, 20, 5]
    assert len({name for page in pages for name in get_names(page)}) == 45
    assert "21–40 of 45" in text_of(pages[1])
    assert find_all(pages[1], "a", href="?q=instance&page=3", rel="next")


def test_htmx_gets_the_list_and_the_page_as_fragments(client_for, account, htmx):
    web = InstanceFactory.create(owner=account, name="web")
    browser = client_for(account)

    for path in ("/bj/instances/", page_of(web)):
        fragment, page = browser.get(path, headers=htmx), browser.get(path)
        assert "<html" not in fragment.content.decode()
        assert "<html" in page.content.decode()
        assert "web" in text_of(fragment)
        assert "web" in text_of(page)


# One instance


def test_the_page_of_an_instance_shows_all_properties(client_for, account):
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

    for text in (
        "web Running",
        web.instance_id,
        "plain-ubuntu",
        f"Public Image {image.image_id}",
        "Ubuntu 22.04 LTS",
        "Beijing",
        "bcc.g5.c2m8, 2 cores, 8 GB",
        "System disk 40 GB",
        web.internal_ip,
        "Custom password",
        "Expires May 1, 2126",
        "The shop",
    ):
        assert text in text_of(page)
    assert "no longer available" not in text_of(page).lower()


def test_the_page_says_that_an_instance_keeps_the_login_of_its_image(client_for, account):
    web = InstanceFactory.create(owner=account, keeps_image_login=True)

    page = text_of(client_for(account).get(page_of(web)))

    assert "The image's login" in page
    assert "Custom password" not in page
    assert "Expires" not in page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("whose", ["of a stranger", "of another region", "released"])
def test_a_hidden_instance_is_not_found(client_for, account, headers, method, whose):
    RegionFactory.create()
    fields = {
        "of a stranger": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "released": {"owner": account, "released_at": NOON},
    }[whose]
    instance = InstanceFactory.create(name="hidden", **fields)
    image = PublicImageFactory.create()
    send, before = getattr(client_for(account), method), all_rows()
    data = {"image": image.image_id, "login": "password", "password": STRONG}

    for address in ADDRESSES:
        responses = [
            send(f"/bj/instances/{instance_id}/{address}", data, headers=headers)
            for instance_id in (instance.instance_id, "i-00000000")
        ]
        missing = 405 if (method, address) == ("post", "") else 404
        assert [response.status_code for response in responses] == [missing, missing]
        assert without_ids(responses[0]) == without_ids(responses[1])
    assert all_rows() == before
    assert not AuditEvent.objects.exists()


def test_instance_ids_are_case_sensitive(client_for, account):
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    browser = client_for(account)

    assert browser.get("/bj/instances/i-abcdefgh/").status_code == 200
    assert browser.get("/bj/instances/i-ABCDEFGH/").status_code == 404
    assert browser.get("/bj/instances/I-abcdefgh/").status_code == 404


# Statuses that change with time


def test_an_instance_starts_within_a_minute(client_for, account, clock):
    web = create_web("stopped", owner=account)
    browser = client_for(account)

    browser.post(page_of(web, "start/"))
    clock.shift(timedelta(seconds=30))
    page = browser.get("/bj/instances/")
    assert find_all(
        page, "progress", class_="meter", max="100", value="50", aria_label="web: Starting"
    )
    assert not get_names(browser.get("/bj/instances/?status=Running"))
    clock.shift(timedelta(seconds=30))
    assert not find_all(browser.get("/bj/instances/"), "progress")
    assert get_names(browser.get("/bj/instances/?status=Running")) == ["web"]


def test_a_page_polls_only_while_an_instance_changes(client_for, account, headers):
    settled = InstanceFactory.create(owner=account)
    browser = client_for(account)
    before = [browser.get(path, headers=headers) for path in ("/bj/instances/", page_of(settled))]

    starting = create_web("starting", owner=account)
    after = [browser.get(path, headers=headers) for path in ("/bj/instances/", page_of(starting))]

    for page in before:
        assert "/bj/instances/progress/" not in page.content.decode()
    for page in after:
        progress_url = f"/bj/instances/progress/?id={starting.instance_id}"
        assert find_all(page, "div", hx_get=progress_url, hx_trigger="every 2s")


def get_progress(browser, *instance_ids, region="bj"):
    return browser.get(f"/{region}/instances/progress/", {"id": instance_ids})


def test_progress_shows_the_instances_that_still_change(client_for, account):
    one, other = (create_web("starting", owner=account), create_web("stopping", owner=account))

    response = get_progress(client_for(account), one.instance_id, other.instance_id)

    assert response.status_code == 200
    assert "HX-Trigger" not in response.headers
    assert "Starting" in text_of(response)
    assert "Stopping" in text_of(response)
    for instance in (one, other):
        assert find_all(response, "span", id=f"status-{instance.instance_id}", hx_swap_oob="true")
    (poller,) = find_all(response, "div", hx_trigger="every 2s")
    path, _, query = dict(poller.attributes)["hx-get"].partition("?")
    assert path == "/bj/instances/progress/"
    assert set(query.split("&")) == {f"id={one.instance_id}", f"id={other.instance_id}"}


def test_progress_announces_a_settled_instance(client_for, account):
    starting = create_web("starting", owner=account)
    settled = InstanceFactory.create(owner=account, name="db", stopped=True)

    response = get_progress(client_for(account), starting.instance_id, settled.instance_id)

    assert response.headers["HX-Trigger"] == '{"instances:changed": {}}'
    assert "db: Stopped." in text_of(response)
    assert f"progress/?id={starting.instance_id}" in response.content.decode()
    assert f"id={settled.instance_id}" not in response.content.decode()


@pytest.mark.parametrize("whose", ["of a stranger", "of another region", "released", "of nobody"])
def test_progress_of_a_hidden_instance_is_the_same_as_of_an_unknown_one(client_for, account, whose):
    RegionFactory.create()
    fields = {
        "of a stranger": {},
        "of another region": {"owner": account, "region__code": "gz"},
        "released": {"owner": account, "released_at": NOON},
        "of nobody": {"instance_id": "i-11111111"},
    }[whose]
    hidden = InstanceFactory.create(starting=True, **fields)
    browser = client_for(account)

    response, unknown = (get_progress(browser, each) for each in (hidden.instance_id, "i-00000000"))

    assert response.status_code == 200
    assert response.headers["HX-Trigger"] == '{"instances:changed": {}}'
    assert response.content == unknown.content
    assert text_of(response).strip() == ""
