"""The region picker in the frame around the pages."""

from __future__ import annotations

import pytest

from ..factories import (
    ImageFactory,
    InstanceFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


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
