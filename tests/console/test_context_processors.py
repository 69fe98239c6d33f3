"""The region menu in the frame around every page."""

from __future__ import annotations

import pytest
from pytest_django.asserts import assertInHTML

from ..factories import (
    AccessKeyFactory,
    ImageFactory,
    InstanceFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("/bj/instances/", "/gz/instances/"),
        ("/bj/instances/?q=web&status=Running&page=2", "/gz/instances/?q=web&amp;status=Running"),
        ("/bj/instances/i-abcdefgh/", "/gz/instances/"),
        ("/bj/instances/i-abcdefgh/stop/", "/gz/instances/"),
        ("/bj/instances/i-abcdefgh/reinstall/", "/gz/instances/"),
        ("/bj/instances/create/", "/gz/instances/create/"),
        ("/bj/instances/create/?image=m-abcdefgh&type=custom", "/gz/instances/create/?type=custom"),
        ("/bj/images/create/?instance=i-abcdefgh", "/gz/images/"),
        ("/bj/activity/?image=m-abcdefgh&verb=", "/gz/activity/?image=m-abcdefgh&amp;verb="),
        ("/bj/access-keys/", "/gz/access-keys/"),
        ("/bj/access-keys/create/", "/gz/access-keys/create/"),
        (f"/bj/access-keys/{'ab' * 16}/delete/", "/gz/access-keys/"),
        ("/bj/inbox/", "/gz/inbox/"),
    ],
)
def test_the_region_menu_links_to_the_same_page_in_another_region(client_for, account, page, url):
    RegionFactory.create(code="gz", name_en="Guangzhou")
    InstanceFactory.create(owner=account, instance_id="i-abcdefgh")
    ImageFactory.create(owner=account, image_id="m-abcdefgh")

    browser = client_for(account)
    AccessKeyFactory.create(user=account.people.get(), key_id="ab" * 16)

    html = browser.get(page).content.decode()

    assertInHTML(f'<a href="{url}">Guangzhou</a>', html, count=1)
