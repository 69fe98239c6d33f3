"""Instances as a person meets them: the list, one of them, its dialogs, and making new ones."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEvent
from images.models import Image, Instance

from ..factories import (
    ImageFactory,
    InstanceFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import text_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
STRONG = "Passw0rd!"


@pytest.fixture
def clock(settings, time_machine):
    """A clock that stands still unless it is moved; starting and stopping take a minute."""
    settings.INSTANCE_START_SECONDS = settings.INSTANCE_STOP_SECONDS = 60
    time_machine.move_to(NOON, tick=False)
    return time_machine


def page_of(instance, dialog=""):
    return f"/{instance.region_id}/instances/{instance.instance_id}/{dialog}"


def names_on(page):
    return [row["instance"].name for row in page.context["rows"]]


def all_rows():
    return list(Instance.objects.order_by("pk").values())


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


ADDRESSES = ["", "reinstall/", "start/", "stop/", "reboot/", "release/"]


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


# Start, stop, reboot, release

CHANGES = [
    # action, what the instance is before, what the dialog tells, the message, the status after
    ("start", "stopped", "It starts with the disk", "web is starting.", "Running"),
    ("stop", "running", "What runs on it ends. Its disk", "web is stopping.", "Stopped"),
    ("reboot", "running", "and it starts again.", "web is rebooting.", "Running"),
    ("release", "running", "This cannot be undone.", "web was released.", None),
    ("release", "stopped", "This cannot be undone.", "web was released.", None),
    ("release", "expired", "This cannot be undone.", "web was released.", None),
]


def made(state, **fields):
    """An instance called web that is in a state, by the name of its trait."""
    traits = {} if state == "running" else {state: True}
    return InstanceFactory.create(name="web", **traits, **fields)


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_a_dialog_asks_and_its_button_does(client_for, account, headers, case):
    action, state, told, message, after = case
    web = made(state, owner=account)
    browser, before = client_for(account), all_rows()

    dialog = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert dialog.status_code == 200
    assert told in text_of(dialog)
    assert web.instance_id in text_of(dialog)
    assert ("<html" in dialog.content.decode()) == (not headers)
    assert all_rows() == before

    answer = browser.post(page_of(web, f"{action}/"), headers=headers)
    assert answer.status_code == (204 if headers else 303)
    if headers:
        assert '"instances:changed"' in answer.headers["HX-Trigger"]
        assert '"dialog:close"' in answer.headers["HX-Trigger"]
    else:
        assert answer.url == "/bj/instances/"
    page = browser.get("/bj/instances/", headers=headers)
    assert message in text_of(page)
    assert [row["instance"].status for row in page.context["rows"]] == ([after] if after else [])


@pytest.mark.parametrize(
    "case",
    [
        ("start", "running", "Only a stopped instance can be started."),
        ("start", "starting", "Only a stopped instance can be started."),
        ("start", "stopping", "Only a stopped instance can be started."),
        ("start", "image_processing", "Only a stopped instance can be started."),
        ("start", "expired", "This instance has expired."),
        ("stop", "stopped", "Only a running instance can be stopped or rebooted."),
        ("stop", "starting", "Only a running instance can be stopped or rebooted."),
        ("stop", "expired", "Only a running instance can be stopped or rebooted."),
        ("reboot", "stopped", "Only a running instance can be stopped or rebooted."),
        ("reboot", "image_processing", "Only a running instance can be stopped or rebooted."),
        ("reinstall", "starting", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "stopping", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "image_processing", "Only a running or stopped instance can be reinstalled"),
        ("reinstall", "expired", "Only a running or stopped instance can be reinstalled"),
        ("release", "image_processing", "An image is being made of this instance."),
    ],
    ids=lambda case: f"{case[0]}-{case[1]}",
)
def test_what_cannot_be_done_is_told_everywhere_and_recorded_once(
    client_for, account, headers, case
):
    action, state, sentence = case
    web = made(state, owner=account)
    image = PublicImageFactory.create()
    browser, before = client_for(account), all_rows()

    for path in ("/bj/instances/", page_of(web)):
        page = browser.get(path, headers=headers)
        assert sentence in text_of(page)
        assert f'href="{page_of(web, f"{action}/")}"' not in page.content.decode()

    asked = browser.get(page_of(web, f"{action}/"), headers=headers)
    assert asked.status_code == 200
    assert sentence in text_of(asked)
    assert "<form" not in asked.content.decode().rpartition("<main")[2]  # beside those on top
    assert not AuditEvent.objects.exists()

    data = {"image": image.image_id, "login": "password", "password": STRONG}
    forced = browser.post(page_of(web, f"{action}/"), data, headers=headers)
    assert forced.status_code == 422
    assert sentence in text_of(forced)
    assert all_rows() == before
    event = AuditEvent.objects.get()
    assert (event.outcome, event.target_id) == ("refused", web.instance_id)


def test_what_is_paid_for_is_not_released(client_for, account, headers):
    web = InstanceFactory.create(owner=account, expires_at=datetime(2126, 1, 1, tzinfo=UTC))
    sentence = "This instance is paid for in advance. It can be released once it has expired."
    browser = client_for(account)

    assert sentence in text_of(browser.get("/bj/instances/"))
    answer = browser.post(page_of(web, "release/"), headers=headers)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Instance.objects.get().released_at is None


def test_what_is_being_created_is_neither_started_nor_released(client_for, account, headers):
    since = datetime(2026, 5, 1, tzinfo=UTC)
    web = made("starting", owner=account, created_at=since, passing_since=since)
    browser = client_for(account)

    for action in ("start", "release"):
        answer = browser.post(page_of(web, f"{action}/"), headers=headers)
        assert answer.status_code == 422
        assert "This instance is still being created." in text_of(answer)
    assert Instance.objects.get().released_at is None


def test_a_refusal_on_a_page_of_its_own_leads_back_to_the_instances(client_for, account):
    web = made("stopped", owner=account)

    page = client_for(account).get(page_of(web, "stop/")).content.decode()

    breadcrumb = re.search(r'<nav class="breadcrumb".*?</nav>', page, re.DOTALL).group()
    assert 'href="/bj/instances/"' in breadcrumb
    assert "Image List" not in breadcrumb


def test_a_second_release_finds_nothing_to_release(client_for, account, headers):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    first = browser.post(page_of(web, "release/"), headers=headers)
    second = browser.post(page_of(web, "release/"), headers=headers)

    assert (first.status_code, second.status_code) == (204 if headers else 303, 404)
    assert AuditEvent.objects.get().outcome == "done"


def test_releasing_from_its_own_page_leads_to_the_list(client_for, account, htmx):
    here, other = InstanceFactory.create_batch(2, owner=account)
    browser = client_for(account)
    on_its_page = htmx | {"HX-Current-URL": f"http://testserver{page_of(here)}#top"}

    on_the_list = browser.post(page_of(other, "release/"), headers=on_its_page)
    answer = browser.post(page_of(here, "release/"), headers=on_its_page)

    assert "HX-Redirect" not in on_the_list.headers
    assert answer.headers["HX-Redirect"] == "/bj/instances/"
    assert f"{here.name} was released." in text_of(browser.get("/bj/instances/"))


def test_stopping_from_its_own_page_stays_there(client_for, account, htmx):
    web = InstanceFactory.create(owner=account)
    here = {"HX-Current-URL": f"http://testserver{page_of(web)}"}

    answer = client_for(account).post(page_of(web, "stop/"), headers=htmx | here)

    assert answer.status_code == 204
    assert "HX-Redirect" not in answer.headers


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_do_nothing(client_for, account, method):
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)

    for address in ADDRESSES:
        assert getattr(browser, method)(page_of(web, address)).status_code == 405
    assert Instance.objects.get().released_at is None


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


# Create Instance


def order(image=None, /, **fields):
    typed = {
        "image": image.image_id if image else "",
        "spec": "bcc.g5.c2m8",
        "system_disk_gb": "",
        "name": "web",
        "count": "1",
        "login": "password",
        "password": STRONG,
    }
    return typed | fields


def create(browser, headers, image=None, /, **fields):
    return browser.post("/bj/instances/create/", order(image, **fields), headers=headers)


def test_one_instance_is_created(client_for, account, headers):
    image = PublicImageFactory.create(name="plain-ubuntu", min_disk_gb=30)
    browser = client_for(account)

    answer = create(browser, headers, image, spec="bcc.c5.c4m8")

    if headers:
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/bj/instances/")
    else:
        assert (answer.status_code, answer.url) == (303, "/bj/instances/")
    page = browser.get("/bj/instances/")
    assert "web is starting." in text_of(page)
    web = Instance.objects.get()
    assert (web.name, web.owner, web.region_id) == ("web", account, "bj")
    assert (web.spec, web.cpu_count, web.memory_gb, web.system_disk_gb) == ("bcc.c5.c4m8", 4, 8, 30)
    assert (web.image_id, web.image_type, web.os) == (image.image_id, "System", "Ubuntu 22.04 LTS")
    assert not web.keeps_image_login


def test_several_instances_are_numbered(client_for, account, headers):
    image = PublicImageFactory.create()
    browser = client_for(account)

    create(browser, headers, image, count="3", system_disk_gb="100")

    page = browser.get("/bj/instances/")
    assert "web-1 – web-3 are starting." in text_of(page)
    assert names_on(page) == ["web-1", "web-2", "web-3"]
    assert {row["instance"].system_disk_gb for row in page.context["rows"]} == {100}


def test_twenty_instances_are_the_most_at_once(client_for, account, headers):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, count="20")

    assert Instance.objects.owned_by(account).count() == 20


@pytest.mark.parametrize("kind", ["custom", "shared"])
def test_a_custom_or_shared_image_can_keep_its_login(client_for, account, headers, kind):
    image = ImageFactory.create(**({"owner": account} if kind == "custom" else {}))
    if kind == "shared":
        ShareGrantFactory.create(image=image, recipient=account)

    create(client_for(account), headers, image, login="image", password="")

    web = Instance.objects.get()
    assert web.keeps_image_login
    assert web.image_type == ("Custom" if kind == "custom" else "Sharing")


BAD_PASSWORDS = {
    "none": "",
    "7 characters": "Passw0!",
    "17 characters": "Passw0rd!Passw0rd",
    "no digit": "Password!",
    "no letter": "12345678!",
    "no symbol": "Passw0rds",
    "a space": "Pass w0rd!",
    "a space before": " Passw0rd!",
    "not ASCII": "Pässw0rd!",
    "a letter and a digit of other scripts": "密码密码密码１２!",
    "another symbol": "Passw0rd!?",
    "a tab": "Passw0rd!\t",
    "a NUL": "Passw0rd!\0",
}


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_a_weak_password_is_refused_beside_its_field(client_for, account, headers, password):
    image = PublicImageFactory.create()

    answer = create(client_for(account), headers, image, password=password)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["password"]
    assert 'aria-describedby="id_password_helptext id_password_error"' in answer.content.decode()
    assert 'id="id_password_error"' in answer.content.decode()
    assert "8 to 16 characters, among them a letter, a digit and one of" in text_of(answer)
    assert not Instance.objects.exists()


@pytest.mark.parametrize("password", ["Passw0r!", "Passw0rd!Passw0r", "a1()*^%$#@!", "1111111a!"])
def test_a_password_by_the_rule_is_taken(client_for, account, headers, password):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, password=password)

    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    "case",
    [
        ({"image": ""}, "image", "Choose an image."),
        ({"image": "m-00000000"}, "image", "There is no such image."),
        ({"image": "' OR 1=1"}, "image", "There is no such image."),
        ({"login": "image"}, "login", "A public image has no login to keep"),
        ({"login": "none"}, "login", "Select a valid choice."),
        ({"system_disk_gb": "29"}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "2049"}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "9" * 40}, "system_disk_gb", "the system disk has 30 to 2048 GB."),
        ({"system_disk_gb": "0"}, "system_disk_gb", "greater than or equal to 1."),
        ({"system_disk_gb": "much"}, "system_disk_gb", "Enter a whole number."),
        ({"count": "0"}, "count", "greater than or equal to 1."),
        ({"count": "21"}, "count", "less than or equal to 20."),
        ({"count": "-1"}, "count", "greater than or equal to 1."),
        ({"count": "x"}, "count", "Enter a whole number."),
        ({"count": ""}, "count", "This field is required."),
        ({"count": "1.5"}, "count", "Enter a whole number."),
        ({"name": ""}, "name", "This field is required."),
        ({"name": "two words"}, "name", "This name does not follow the rule."),
        ({"name": "1st"}, "name", "This name does not follow the rule."),
        ({"name": "网"}, "name", "This name does not follow the rule."),
        ({"name": "w" * 66}, "name", "at most 65 characters"),
        ({"name": "w" * 64, "count": "2"}, "name", "With its number behind it"),
        ({"name": "w" * 63, "count": "10"}, "name", "With its number behind it"),
        ({"spec": "bcc.huge"}, "spec", "Select a valid choice."),
        ({"spec": ""}, "spec", "This field is required."),
    ],
    ids=str,
)
def test_a_refusal_stands_beside_its_field_with_all_that_was_typed(
    client_for, account, headers, case
):
    fields, field, sentence = case
    image = PublicImageFactory.create(min_disk_gb=30)
    typed = order(image, count="2", system_disk_gb="40") | fields

    answer = client_for(account).post("/bj/instances/create/", typed, headers=headers)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', html)
    for name in ("name", "count", "system_disk_gb"):
        assert form[name].value() == typed[name]
        if typed[name] and "'" not in typed[name]:
            assert f'value="{typed[name]}"' in html
    if field != "image":
        assert f'name="image" value="{image.image_id}" checked' in html
    assert ("<html" in html) == (not headers)
    assert STRONG not in html
    assert not Instance.objects.exists()


def test_a_name_and_its_number_have_65_characters(client_for, account, headers):
    image = PublicImageFactory.create()

    create(client_for(account), headers, image, name="w" * 63, count="9")

    assert {len(i.name) for i in Instance.objects.all()} == {65}


@pytest.mark.parametrize("whose", ["a strangers", "of another region", "unshared"])
def test_an_image_that_one_may_not_see_does_not_exist(client_for, account, headers, whose):
    RegionFactory.create()
    if whose == "of another region":
        image = ImageFactory.create(owner=account, region__code="gz")
    else:
        image = ImageFactory.create()
    if whose == "unshared":
        ShareGrantFactory.create(image=image, recipient=account).delete()
    browser = client_for(account)

    answer, unknown = (
        create(browser, headers, image=image_id) for image_id in (image.image_id, "m-00000000")
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"image": ["There is no such image."]}
    assert text_of(answer) == text_of(unknown)
    assert not Instance.objects.exists()


@pytest.mark.parametrize(
    "state",
    [{"creating": True}, {"copying": True}, {"settled_status": Image.Status.ERROR}],
    ids=["creating", "copying", "error"],
)
def test_an_image_that_is_not_available_is_shown_and_refused(client_for, account, headers, state):
    image = ImageFactory.create(owner=account, name="nightly", **state)
    browser = client_for(account)

    page = browser.get(f"/bj/instances/create/?image={image.image_id}", headers=headers)
    answer = create(browser, headers, image)

    assert f'value="{image.image_id}" disabled' in page.content.decode()
    assert image.status_label in text_of(page)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["image"]
    assert "Only an available image can be shared, copied or used." in text_of(answer)
    assert not Instance.objects.exists()
    assert AuditEvent.objects.get().reason == "image-not-available"


def test_the_twenty_are_created_all_or_none(client_for, account, headers):
    image = PublicImageFactory.create()

    answer = create(client_for(account), headers, image, name="w" * 63, count="20")

    assert answer.status_code == 422
    assert not Instance.objects.exists()
    assert {event.outcome for event in AuditEvent.objects.all()} == {"refused"}


@pytest.mark.parametrize("password", ["Secr3t-but-wrong", "S3cret!ok"])
def test_a_password_stays_nowhere(client_for, account, headers, caplog, password):
    caplog.set_level(logging.DEBUG)
    image = PublicImageFactory.create()
    web = InstanceFactory.create(owner=account)
    browser = client_for(account)
    typed = order(image, password=password)

    answers = [
        browser.post("/bj/instances/create/", typed, headers=headers),
        browser.post("/bj/instances/create/", typed | {"name": "two words"}, headers=headers),
        browser.post(page_of(web, "reinstall/"), typed, headers=headers),
        browser.post(page_of(web, "reinstall/"), typed | {"image": ""}, headers=headers),
        browser.get("/bj/instances/"),
        browser.get(page_of(web)),
    ]

    for answer in answers:
        assert password not in answer.content.decode()
        assert password not in str(answer.headers)
    assert password not in caplog.text
    assert password not in str(list(AuditEvent.objects.values()))
    assert password not in str(all_rows())


def test_without_javascript_one_is_told_to_enter_the_password_again(client_for, account, htmx):
    image = PublicImageFactory.create()
    browser = client_for(account)

    plain = create(browser, {}, image, name="two words")
    with_htmx = create(browser, htmx, image, name="two words")

    assert "Enter the password again." in text_of(plain)
    assert "Enter the password again." not in text_of(with_htmx)
    assert 'hx-preserve="true"' in with_htmx.content.decode()


def test_images_to_choose_from_are_those_one_may_use_here(client_for, account, headers):
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    grant = ShareGrantFactory.create(
        recipient=account, image__name="given", image__owner__name="security"
    )
    ShareGrantFactory.create(
        recipient=account, image__name="given-elsewhere", image__region__code="gz"
    )
    ShareGrantFactory.create(image__name="given-to-another")
    PublicImageFactory.create(name="for-all")
    PublicImageFactory.create(name="for-all-elsewhere", region__code="gz")
    ImageFactory.create(name="of-a-stranger")

    page = client_for(account).get("/bj/instances/create/", headers=headers)

    choices = {(image.name, tab.value) for image, tab, _refusal in page.context["choices"]}
    assert choices == {("mine", "custom"), ("given", "shared"), ("for-all", "public")}
    assert [(tab.value, number) for tab, number in page.context["tabs"]] == [
        ("public", 1),
        ("custom", 1),
        ("shared", 1),
    ]
    assert f"from security{grant.owner.account_id}" in text_of(page)
    assert text_of(page).count("from security") == 1
    for name in ("elsewhere", "given-to-another", "of-a-stranger"):
        assert name not in text_of(page)


def test_kinds_without_an_image_say_so(client_for, account):
    RegionFactory.create()

    page = text_of(client_for(account).get("/bj/instances/create/"))

    assert "There are no public images in this region." in page
    assert "You have no custom images in this region." in page
    assert "No image is shared with you in this region." in page


@pytest.mark.parametrize("kind", ["public", "custom", "shared"])
def test_an_image_in_the_address_is_chosen_already(client_for, account, headers, kind):
    images = {
        "public": PublicImageFactory.create(),
        "custom": ImageFactory.create(owner=account),
        "shared": ShareGrantFactory.create(recipient=account).image,
    }
    image_id = images[kind].image_id

    page = client_for(account).get(f"/bj/instances/create/?image={image_id}", headers=headers)

    html = page.content.decode()
    assert re.findall(r'name="image" value="([^"]+)" checked', html) == [image_id]
    assert re.findall(r'name="type" value="([^"]+)" checked', html) == [kind]
    assert "There is no such image" not in text_of(page)


def test_an_unknown_image_in_the_address_is_told(client_for, account, headers):
    of_a_stranger = ImageFactory.create(name="theirs")
    browser = client_for(account)

    for image_id in (of_a_stranger.image_id, "m-00000000", "x"):
        page = browser.get(f"/bj/instances/create/?image={image_id}", headers=headers)
        assert page.status_code == 200
        assert "There is no such image. Choose another one." in text_of(page)
        assert not re.findall(r'name="image" value="([^"]+)" checked', page.content.decode())
        assert "theirs" not in text_of(page)


def test_an_image_that_is_not_available_yet_is_said_to_be_so(client_for, account):
    image = ImageFactory.create(owner=account, creating=True)

    page = client_for(account).get(f"/bj/instances/create/?image={image.image_id}")

    sentence = "Only an available image can be shared, copied or used. Choose another one."
    assert sentence in text_of(page)


def test_nothing_is_chosen_or_missed_at_first(client_for, account):
    PublicImageFactory.create()

    page = client_for(account).get("/bj/instances/create/")

    assert "There is no such image" not in text_of(page)
    assert not re.findall(r'name="image" value="([^"]+)" checked', page.content.decode())
    assert re.findall(r'name="login" value="([^"]+)" checked', page.content.decode()) == [
        "password"
    ]


def test_the_chosen_kind_survives_a_refusal(client_for, account):
    RegionFactory.create()
    browser = client_for(account)

    answer = create(browser, {}, type="shared")
    asked = browser.get("/bj/instances/create/?type=custom")
    nonsense = browser.get("/bj/instances/create/?type=mine")

    assert answer.context["tab"] == "shared"
    assert asked.context["tab"] == "custom"
    assert nonsense.context["tab"] == "public"


def test_an_unknown_region_has_no_create_page(client_for, account, headers):
    RegionFactory.create()
    browser = client_for(account)

    assert browser.get("/xx/instances/create/", headers=headers).status_code == 404
    assert browser.post("/xx/instances/create/", order(), headers=headers).status_code == 404
    assert browser.get("/xx/instances/", headers=headers).status_code == 404


# Reinstall OS


def reinstall(browser, instance, headers, image, /, **fields):
    typed = {"image": image.image_id, "login": "password", "password": STRONG} | fields
    return browser.post(page_of(instance, "reinstall/"), typed, headers=headers)


def test_the_reinstall_dialog_warns_and_offers_images_of_the_region(client_for, account, headers):
    web = InstanceFactory.create(owner=account, system_disk_gb=40)
    ImageFactory.create(owner=account, name="mine")
    ImageFactory.create(owner=account, name="mine-elsewhere", region__code="gz")
    ShareGrantFactory.create(recipient=account, image__name="given", image__owner__name="security")
    ImageFactory.create(name="of-a-stranger")

    dialog = client_for(account).get(page_of(web, "reinstall/"), headers=headers)

    assert "The system disk is replaced. All that is on it is lost." in text_of(dialog)
    assert "System disk of 40 GB" in text_of(dialog)
    assert "from security" in text_of(dialog)
    assert {image.name for image, _tab, _refusal in dialog.context["choices"]} == {"mine", "given"}
    assert ("<html" in dialog.content.decode()) == (not headers)


def test_the_image_it_has_is_chosen_first(client_for, account):
    image = ImageFactory.create(owner=account)
    browser = client_for(account)
    with_it = InstanceFactory.create(owner=account, image=image)
    without = InstanceFactory.create(owner=account, image_id="m-gone0000")

    page = browser.get(page_of(with_it, "reinstall/"))
    other = browser.get(page_of(without, "reinstall/"))

    assert f'value="{image.image_id}" checked' in page.content.decode()
    assert page.context["tab"] == "custom"
    assert "There is no such image" not in text_of(page)
    sentence = "The image long-ago is no longer available to this account. Choose another one."
    assert sentence in text_of(other)


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_an_instance_is_reinstalled(client_for, account, headers, state):
    web = made(state, owner=account, keeps_image_login=True)
    image = PublicImageFactory.create(name="plain", os_name="CentOS", os_version="7.9")
    browser = client_for(account)

    answer = reinstall(browser, web, headers, image)

    assert answer.status_code == (204 if headers else 303)
    page = text_of(browser.get("/bj/instances/", headers=headers))
    assert "web is being reinstalled from plain." in page
    after = Instance.objects.get()
    assert (after.image_id, after.image_name, after.os) == (image.image_id, "plain", "CentOS 7.9")
    assert (after.status, after.image_type, after.keeps_image_login) == ("Running", "System", False)
    assert (after.instance_id, after.internal_ip) == (web.instance_id, web.internal_ip)


def test_a_reinstall_can_keep_the_login_of_the_image(client_for, account, headers):
    grant = ShareGrantFactory.create(recipient=account)
    web = InstanceFactory.create(owner=account)

    reinstall(client_for(account), web, headers, grant.image, login="image", password="")

    after = Instance.objects.get()
    assert (after.image_type, after.keeps_image_login) == ("Sharing", True)


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_a_weak_password_reinstalls_nothing(client_for, account, headers, password):
    web = InstanceFactory.create(owner=account)
    before = all_rows()

    answer = reinstall(
        client_for(account), web, headers, PublicImageFactory.create(), password=password
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["password"]
    assert 'id="id_password_error"' in answer.content.decode()
    assert all_rows() == before


@pytest.mark.parametrize(
    "case",
    [
        ({"image": ""}, "image", "Choose an image."),
        ({"image": "m-00000000"}, "image", "There is no such image."),
        ({"image": "m-strange0"}, "image", "There is no such image."),
        ({"image": "m-faraway0"}, "image", "There is no such image."),
        ({"image": "m-nightly0"}, "image", "Only an available image can be"),
        ({"image": "m-toolarge"}, "image", "the system disk has 41 to 2048 GB."),
        ({"login": "image"}, "login", "A public image has no login to keep"),
        ({"login": ""}, "login", "This field is required."),
    ],
    ids=str,
)
def test_a_refused_reinstall_stands_beside_its_field(client_for, account, headers, case):
    fields, field, sentence = case
    web = InstanceFactory.create(owner=account, system_disk_gb=40)
    image = PublicImageFactory.create()
    ImageFactory.create(image_id="m-strange0")
    ImageFactory.create(image_id="m-faraway0", owner=account, region__code="gz")
    ImageFactory.create(image_id="m-nightly0", owner=account, creating=True)
    ImageFactory.create(image_id="m-toolarge", owner=account, min_disk_gb=41)
    before = all_rows()

    answer = reinstall(client_for(account), web, headers, image, **fields)

    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in " ".join(form.errors[field])
    html = answer.content.decode()
    assert f'id="id_{field}_error"' in html
    assert f'aria-describedby="id_{field}_error"' in html
    assert "The system disk is replaced." in text_of(answer)
    if field != "image":
        assert f'value="{image.image_id}" checked' in html
    assert ("<html" in html) == (not headers)
    assert all_rows() == before


# The region picker


@pytest.mark.parametrize(
    ("page", "elsewhere"),
    [
        ("/bj/instances/", "/gz/instances/"),
        ("/bj/instances/?q=web&status=Running&page=2", "/gz/instances/?q=web&amp;status=Running"),
        ("/bj/instances/i-abcdefgh/", "/gz/instances/"),
        ("/bj/instances/i-abcdefgh/stop/", "/gz/instances/"),
        ("/bj/instances/i-abcdefgh/reinstall/", "/gz/instances/"),
        ("/bj/instances/create/", "/gz/instances/create/"),
        ("/bj/instances/create/?image=m-abcdefgh&type=custom", "/gz/instances/create/?type=custom"),
        ("/bj/images/create/?instance=i-abcdefgh", "/gz/images/"),
    ],
)
def test_the_region_picker_leads_to_the_same_page_there(client_for, account, page, elsewhere):
    RegionFactory.create(code="gz", name_en="Guangzhou")
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    ImageFactory.create(owner=account, image_id="m-abcdefgh")

    html = client_for(account).get(page).content.decode()

    assert f'<a href="{elsewhere}">Guangzhou</a>' in html


def test_a_try_with_an_image_that_was_taken_back_is_recorded(client_for, account, headers):
    grant = ShareGrantFactory.create(recipient=account)
    web = InstanceFactory.create(owner=account)
    grant.delete()
    browser = client_for(account)

    create(browser, headers, grant.image)
    reinstall(browser, web, headers, grant.image)

    tries = AuditEvent.objects.filter(reason="no-such-image")
    assert {event.verb for event in tries} == {"instance.created", "instance.reinstalled"}
    assert {event.detail["image"] for event in tries} == {grant.image.image_id}
    assert {tuple(event.accounts) for event in tries} == {(account.account_id,)}


def test_a_refused_reinstall_with_nonsense_in_it_is_recorded(client_for, account, headers):
    web = InstanceFactory.create(owner=account, starting=True)
    data = {"image": "m-\0", "login": "password", "password": "Abcd1234!"}

    answer = client_for(account).post(page_of(web, "reinstall/"), data, headers=headers)

    assert answer.status_code == 422
    assert AuditEvent.objects.get().reason == "instance-not-settled"
