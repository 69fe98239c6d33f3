"""Search, filters and pages of the Image List."""

from __future__ import annotations

import pytest

from images.models import Image

from ..factories import (
    ImageFactory,
    PublicImageFactory,
    RegionFactory,
    ShareGrantFactory,
)
from .pages import text_of

pytestmark = pytest.mark.django_db


def test_filters_narrow_the_list(client_for, account):
    ImageFactory.create(owner=account, name="golden-linux", image_id="m-Abcd1234")
    ImageFactory.create(owner=account, name="windows", os_type="windows")
    ShareGrantFactory.create(image=ImageFactory.create(owner=account, name="given"))
    ImageFactory.create(owner=account, name="broken", settled_status=Image.Status.ERROR)
    browser = client_for(account)

    def found(query):
        return {row["image"].name for row in browser.get(f"/bj/images/?{query}").context["rows"]}

    assert found("q=GOLDEN") == {"golden-linux"}
    assert found("q=m-Abcd") == {"golden-linux"}
    assert found("os=windows") == {"windows"}
    assert found("status=Error") == {"broken"}
    assert found("shared=yes") == {"given"}
    assert found("shared=no") == {"golden-linux", "windows", "broken"}
    assert found("q=nothing-has-this-name") == set()
    assert found("q=%25") == set()


@pytest.mark.parametrize(
    "query",
    ["q=%FF%FE", "q=" + "x" * 5000, "status=x", "os=mac", "shared=maybe", "type=mine"]
    + [f"page={page}" for page in ("0", "-1", "9" * 400, "x", "")],
)
def test_a_query_that_makes_no_sense_does_not_break_the_list(client_for, account, query):
    ImageFactory.create(owner=account, name="golden")

    assert client_for(account).get(f"/bj/images/?{query}").status_code == 200


@pytest.mark.parametrize("path", ["/bj/images/?q=%00", "/bj/images/%00/", "/admin/?x=%00"])
def test_nul_in_an_address_is_a_bad_request(client_for, account, path):
    RegionFactory.create()

    answer = client_for(account).get(path)

    assert answer.status_code == 400
    assert "Nothing was changed." in text_of(answer)


def test_public_images_come_in_pages(client_for, account):
    PublicImageFactory.create_batch(45)
    browser = client_for(account)

    pages = [browser.get(f"/bj/images/?type=public&page={n}").context["rows"] for n in (1, 2, 3)]

    assert [len(rows) for rows in pages] == [20, 20, 5]
    assert len({row["image"].pk for rows in pages for row in rows}) == 45
