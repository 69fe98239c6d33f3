"""What is measured: pages, forms and calls, each with its target."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from . import load, rival, sql
from .bench import HTMX, Bench, Browser

TEXT = "no-such-thing"
# Filters of pages: each with every kind of account
IMAGE_LISTS = {
    "Image List": "",
    "Image List, by name": "?q=golden",
    "Image List, nothing found": f"?q={TEXT}",
    "Image List, by status": "?status=Available",
    "Image List, by OS": "?os=windows",
    "Image List, shared": "?shared=yes",
    "Image List, not shared": "?shared=no",
    "Image List, sorted by recipients": "?sort=-recipients",
    "Shared tab": "?type=shared",
    "Shared tab, sorted by owner": "?type=shared&sort=owner",
    "Public tab": "?type=public",
}
ACTIVITY = {
    "Activity": "",
    "Activity, by action": "?verb=image.deleted",
    "Activity, failed": "?result=refused",
    "Activity, by resource": "?image=golden-1",
    "Activity, nothing found": f"?image={TEXT}",
    "Activity, with an account": "?account=account-7",
    "Activity, with sign-ins": "?sign_ins=on",
    "Activity, old": "?until=2020-01-01",
}
FLOORS = {"floor: empty page": "empty/", "floor: 20 bare rows": "rows/"}
OTHER_PAGES = {"Overview": "", "Inbox": "inbox/", "Instances": "instances/", "Profile": "profile/"}
ADMIN = {
    "admin: start page": "",
    "admin: images": "images/image/",
    "admin: images, search": "images/image/?q=golden-77",
    "admin: images, nothing found": f"images/image/?q={TEXT}",
    "admin: images of a region": "images/image/?region__code__exact=bj",
    "admin: images near the limit": "images/image/?limits=near",
    "admin: images, by name": "images/image/?o=0",
    "admin: images, last page": "images/image/?p=10",
    "admin: shares": "images/sharegrant/",
    "admin: shares, search": "images/sharegrant/?q=account-7",
    "admin: shares of an owner": "images/sharegrant/?owner=account-77",
    "admin: shares of a region": "images/sharegrant/?image__region__code__exact=bj",
    "admin: accounts": "accounts/account/",
    "admin: accounts, search": "accounts/account/?q=account-77",
    "admin: accounts near the limit": "accounts/account/?limits=near",
    "admin: accounts without people": "accounts/account/?people=none",
    "admin: people": "accounts/user/",
    "admin: people, search": "accounts/user/?q=busy",
    "admin: keys": "accounts/accesskey/",
    "admin: trail": "accounts/auditevent/",
    "admin: trail, search": "accounts/auditevent/?q=golden-77",
    "admin: trail, nothing found": f"accounts/auditevent/?q={TEXT}",
    "admin: trail, by action": "accounts/auditevent/?verb=image.deleted",
    "admin: trail, failed": "accounts/auditevent/?outcome__exact=refused",
    "admin: trail, by recipient": "accounts/auditevent/?recipient=account-7",
    "admin: trail, not acknowledged": "accounts/auditevent/?acknowledged=no",
}
# Milliseconds of CPU, of the web server and the database together
TARGETS = {
    "Image List": 15,
    "Shared tab": 15,
    "Image": 15,
    "Overview": 15,
    "Activity": 15,
    "Share dialog": 7,
    "verdicts for 50": 7,
    "share 50 by form": 10,
    "API: share": 3.5,
    "API: list of 20": 2.5,
    "API: list of 20, All": 2.5,
    "API: 50 recipients": 3.5,
}
# Kilobytes of a page as it is sent, and of what the browser makes of it
SIZE_TARGETS = {"Image List": (8, 40)}
# Milliseconds that an operator waits for a list
OPERATOR_TARGET = 300


@dataclass
class Work:
    """Something that is measured. `kind` is the account's, or "operator"."""

    name: str
    kind: str
    do: Callable[[int], object]  # gets the number of the repetition
    times: int = 10
    each: int = 1  # how many of it `do` does
    prepare: Callable[[], object] = lambda: None  # isn't measured

    @property
    def title(self) -> str:
        return f"{self.name} ({self.kind})"

    @property
    def target(self) -> float | None:
        return TARGETS.get(self.name) if self.kind == "busy" else None


def list_works(bench: Bench) -> list[Work]:
    """Return all works for a seeded console, in the order of the report."""
    works = [*list_floors(bench), *list_sharing(bench)]
    for kind in ("busy", "quiet", "empty"):
        browser = bench.browsers[kind]
        works += open_pages(browser, "/bj/images/", kind, IMAGE_LISTS)
        works += open_pages(browser, "/bj/activity/", kind, ACTIVITY)
        works += open_pages(browser, "/bj/", kind, OTHER_PAGES)
        works += list_calls(bench, kind)
    works += open_pages(bench.browsers["operator"], "/admin/", "operator", ADMIN)
    return works


def list_floors(bench: Bench) -> Iterator[Work]:
    yield from open_pages(bench.browsers["busy"], "/floor/", "busy", FLOORS)
    image = bench.images[1]
    scripts = {"share": sql.SHARE.format(image=image), "list of 20": sql.LIST}
    for name, script in scripts.items():
        yield Work(
            f"floor: SQL of a {name}",
            "busy",
            lambda _, script=script: sql.run_pgbench(bench.postgres, script),
            times=1,
            each=sql.TRANSACTIONS,
            prepare=partial(bench.unshare_all, [image]),
        )
    for name in ("share", "list of 20") if bench.moto else ():
        yield Work(
            f"moto: {name}",
            "busy",
            lambda _, name=name: bench.moto.call(name),
            times=1,
            each=rival.CALLS,
        )


def open_pages(browser: Browser, base: str, kind: str, paths: dict[str, str]) -> Iterator[Work]:
    for name, path in paths.items():
        yield Work(name, kind, partial(open_page, browser, base + path))


def open_page(browser: Browser, path: str, _number: int) -> object:
    return browser.get(path)


def list_calls(bench: Bench, kind: str) -> Iterator[Work]:
    client = bench.server.client(bench.tenants[kind])
    for name, image_type in (("", "Custom"), (", All", "All"), (", Sharing", "Sharing")):
        call = partial(client.list_images, image_type=image_type, max_keys=20)
        yield Work(f"API: list of 20{name}", kind, lambda _, call=call: call())


def list_sharing(bench: Bench) -> Iterator[Work]:
    browser, client = bench.browsers["busy"], bench.server.client(bench.tenants["busy"])
    full, other, *_ = bench.images
    names = [f"account-{number}" for number in bench.free[:50]]
    form = {"accounts": "\n".join(names), "acknowledged": "on"}
    page = f"/bj/images/{other}/share/"
    clear = partial(bench.unshare_all, [other])

    def check(_number: int) -> object:
        return browser.post(f"{page}check/", form, HTMX)

    def share_many(_number: int) -> object:
        return browser.post(page, form, HTMX)

    def share(number: int) -> object:
        return client.share_image(other, account=names[number])

    yield Work("Image", "busy", partial(open_page, browser, f"/bj/images/{full}/"))
    yield Work("Share dialog", "busy", lambda _: browser.get(page, HTMX))
    yield Work("verdicts for 50", "busy", check)
    yield Work("share 50 by form", "busy", share_many, times=1, prepare=clear)
    yield Work("API: share", "busy", share, times=40, prepare=clear)
    yield Work("API: 50 recipients", "busy", lambda _: client.list_shared_user(full))


def list_loads(bench: Bench) -> Iterator[load.Work]:
    """Return what several clients do at once. Each shares an image of its own, and unshares it."""
    browser, tenant = bench.browsers["busy"], bench.tenants["busy"]
    full, *others = bench.images
    names = [f"account-{number}" for number in bench.free]

    def open_as(path: str, _client: int) -> Callable[[], object]:
        return partial(browser.copy().get, path)

    def call_as(_client: int) -> Callable[[], object]:
        client = bench.server.client(tenant)
        return lambda: client.list_images(image_type="Custom", max_keys=20)

    def share_as(number: int) -> Callable[[], object]:
        client = bench.server.client(tenant)
        target = {"image_id": others[number % len(others)], "account": names[number % len(names)]}
        calls = cycle([client.share_image, client.unshare_image])
        return lambda: next(calls)(**target)

    yield load.Work("Image List", partial(open_as, "/bj/images/"))
    yield load.Work("Image", partial(open_as, f"/bj/images/{full}/"))
    yield load.Work("API: list of 20", call_as)
    clear = partial(bench.unshare_all, others)
    yield load.Work("API: share, unshare", share_as, prepare=clear)
