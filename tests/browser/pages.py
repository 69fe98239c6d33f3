"""The pages and dialogs of an account, for tests of every page."""

from __future__ import annotations

import re

# The placeholders are IDs of the fixture `showroom`.
PAGES = [
    "/bj/",
    "/bj/?q=nothing",
    "/bj/images/",
    "/bj/images/?type=shared",
    "/bj/images/?type=public",
    "/bj/images/?q=nothing",
    "/bj/images/?sort=-recipients",
    "/gz/images/",
    "/bj/images/{golden}/",
    "/bj/images/{received}/",
    "/bj/instances/",
    "/gz/instances/",
    "/bj/instances/create/",
    "/bj/instances/{running}/",
    "/bj/activity/",
    "/bj/access-keys/",
    "/bj/people/",
    "/bj/inbox/",
    "/bj/time-zone/",
    "/bj/profile/",
    "/bj/profile/password/",
    "/bj/images/{golden}/share/",
    "/bj/images/{golden}/unshare/",
    "/bj/images/choose/?action=unshare",
    "/bj/images/choose/?action=copy&image={golden}&image={spare}",
    "/bj/images/{golden}/delete/",
    "/bj/images/delete/?image={golden}&image={spare}&image=m-00000000",
    "/bj/access-keys/{key}/delete/",
]
# Each with a page that has a button to open it
DIALOGS = {
    "/bj/time-zone/": "/bj/activity/",
    "/bj/profile/password/": "/bj/profile/",
    "/bj/images/create/": "/bj/images/",
    "/bj/images/{golden}/share/": "/bj/images/{golden}/",
    "/bj/images/{golden}/unshare/": "/bj/images/{golden}/",
    "/bj/images/{golden}/copy/": "/bj/images/{golden}/",
    "/bj/images/{golden}/edit/": "/bj/images/{golden}/",
    "/bj/images/{golden}/restore/": "/bj/activity/",
    "/bj/images/{spare}/delete/": "/bj/images/{spare}/",
    "/bj/images/{moving}/cancel/": "/bj/images/{moving}/",
    "/bj/instances/{running}/reinstall/": "/bj/instances/{running}/",
    "/bj/instances/{running}/reboot/": "/bj/instances/{running}/",
    "/bj/instances/{running}/stop/": "/bj/instances/{running}/",
    "/bj/instances/{running}/release/": "/bj/instances/{running}/",
    "/bj/instances/{stopped}/start/": "/bj/instances/{stopped}/",
    "/bj/inbox/": "/bj/images/",
    "/bj/access-keys/create/": "/bj/access-keys/",
    "/bj/people/add/": "/bj/people/",
    "/bj/access-keys/{key}/disable/": "/bj/access-keys/",
}


def find_opener(page, url):
    """Return what opens the dialog whose URL starts or ends so. The menu of a row is fetched."""
    opener = page.locator(f"[hx-get$='{url}'], [hx-get^='{url}']").first
    if not opener.count():
        (subject,) = re.findall(r"/([mi]-\w{8})/", url)
        page.locator(f"#more-{subject}").click()
        opener.wait_for()
    return opener


def show(page, address, ids):
    """Open a page, or a dialog on its page. Return its URL."""
    url = address.format(**ids)
    if address not in DIALOGS:
        page.goto(url)
        return url
    page.goto(DIALOGS[address].format(**ids))
    opener = find_opener(page, url)
    opener.dispatch_event("click")  # some are in a closed menu
    page.locator("dialog[open]").wait_for()
    return opener.get_attribute("hx-get")
