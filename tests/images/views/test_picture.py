"""The layout of the picture of shared images. These tests need no database."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

import pytest

from images.views import picture
from images.views.picture import Recipient, SharedImage, draw


def build_account(name):
    return Recipient(name=name, account_id=f"id-{name}", url=f"/{name}/", title=f"{name}!")


def build_image(name, *accounts, owner=""):
    recipients = [build_account(account) for account in accounts]
    return SharedImage(name=name, url=f"/{name}/", accounts=recipients, owner=owner)


def draw_picture(*own, received=(), opened=""):
    return draw(own, received, opened=opened)


def get_texts(drawing, x=None):
    return [box.text for box in drawing.boxes if x in {None, box.x}]


LEFT, RIGHT = 0, picture.WIDTH - picture.BOX_WIDTH


def get_lines(drawing):
    """Return the lines, each as the texts of its left and its right box."""
    text_at = {(box.x, box.middle): box.text for box in drawing.boxes}
    lines = re.findall(r"M296 (\d+)C416 \1 416 (\d+) 536 \2(?=M|$)", drawing.ways)
    assert len(lines) == drawing.ways.count("M")
    return sorted((text_at[LEFT, int(start)], text_at[RIGHT, int(end)]) for start, end in lines)


def test_a_line_leads_from_each_image_to_each_account_that_can_use_it():
    drawing = draw_picture(
        build_image("golden", "payments", "search"), build_image("runner", "search")
    )

    assert get_lines(drawing) == [
        ("golden", "payments"),
        ("golden", "search"),
        ("runner", "search"),
    ]
    golden = next(box for box in drawing.boxes if box.text == "golden")
    search = next(box for box in drawing.boxes if box.text == "search")
    assert golden.ways.count("M") == search.ways.count("M") == 2
    assert (golden.url, golden.note, golden.title) == (
        "/golden/",
        "2",
        "golden, shared with payments, search",
    )
    assert (search.url, search.note, search.title) == ("/search/", "", "search!")


def test_accounts_with_the_same_images_share_a_box_that_opens():
    drawing = draw_picture(build_image("golden", "data", "search"), build_image("trial", "risk"))

    assert get_lines(drawing) == [("golden", "data, search"), ("trial", "risk")]
    (box,) = (box for box in drawing.boxes if box.text.startswith("data"))
    assert (box.note, box.title) == ("2", "data, search: show each account")
    assert box.url == "?open=id-data#sharing"


@pytest.mark.parametrize("opened", ["id-data", "id-search"])
def test_an_opened_group_is_a_box_for_each_account(opened):
    drawing = draw_picture(
        build_image("golden", "data", "search"), build_image("trial", "a", "b"), opened=opened
    )

    assert get_lines(drawing) == [("golden", "data"), ("golden", "search"), ("trial", "a, b")]
    (box,) = (box for box in drawing.boxes if box.text == "data")
    assert (box.url, box.note, box.title) == ("/data/", "", "data!")


def test_received_images_lead_only_to_the_reader():
    drawing = draw_picture(
        build_image("golden", "payments"),
        received=[build_image("spark", "platform (you)", owner="data")],
    )

    assert get_lines(drawing) == [("golden", "payments"), ("spark", "platform (you)")]
    spark = next(box for box in drawing.boxes if box.text == "spark")
    assert (spark.note, spark.title) == ("data", "spark, shared by data")
    assert [heading.text for heading in drawing.headings] == [
        "Accounts with access",
        "Your images",
        "Shared with you",
    ]


def test_boxes_do_not_overlap_and_fit_in_the_picture():
    drawing = draw_picture(
        *(build_image(f"image-{n}", f"account-{n}", "all", "more") for n in range(7)),
        received=[build_image(f"received-{n}", "platform", owner="data") for n in range(5)],
    )

    for x in (LEFT, RIGHT):
        column = sorted(box.y for box in drawing.boxes if box.x == x)
        assert all(b - a >= picture.PITCH for a, b in pairwise(column))
        assert column[0] >= picture.HEADING
        assert column[-1] + picture.BOX_HEIGHT <= drawing.height


def test_lines_do_not_cross_if_possible():
    # In this order, every line crosses every other line.
    drawing = draw_picture(build_image("1", "c"), build_image("2", "b"), build_image("3", "a"))

    partner = dict(get_lines(drawing))
    assert get_texts(drawing, RIGHT) == [partner[image] for image in get_texts(drawing, LEFT)]


def test_groups_without_common_images_are_separated():
    parts = ["data", "payments", "research", "search"] * 5
    images = [
        build_image(f"{part}-{n}", *(f"{part}-{k}" for k in range(n % 5 + 1)))
        for n, part in enumerate(parts)
    ]

    drawing = draw_picture(*images)

    for x in (LEFT, RIGHT):
        in_order = [text.split("-")[0] for text in get_texts(drawing, x)]
        assert sorted(part for part, _ in groupby(in_order)) == parts[:4]


def test_the_same_sharing_gives_the_same_picture():
    images = [build_image(str(n), *(f"account-{n * k % 11}" for k in range(5))) for n in range(9)]

    assert draw_picture(*images) == draw_picture(*images)
