"""The layout of the picture of shared images. These tests need no database."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

import pytest

from images.views import picture
from images.views.picture import SharedImage, cut, draw, fit_names, measure


def build_image(name, *accounts, owner=""):
    return SharedImage(name=name, url=f"/{name}/", accounts=accounts, owner=owner)


def draw_picture(*own, received=(), you="platform"):
    return draw(own, received, you=you)


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
        "golden, shared with 2 accounts",
    )
    assert (search.url, search.note, search.title) == ("", "", "search")


def test_accounts_with_the_same_images_share_a_box():
    branches = [f"branch-{n:02}" for n in range(46)]

    drawing = draw_picture(build_image("golden", *branches), build_image("trial", "payments"))

    assert get_lines(drawing) == [
        ("golden", "branch-00, branch-01 and 44 more"),
        ("trial", "payments"),
    ]
    (box,) = (box for box in drawing.boxes if box.text.startswith("branch"))
    assert box.title == ", ".join(branches)


def test_received_images_lead_only_to_the_reader():
    drawing = draw_picture(
        build_image("golden", "payments"),
        received=[build_image("spark", "platform", owner="data")],
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


def test_many_accounts_are_reduced_to_the_rows_that_fit():
    accounts = [f"branch-{n:03}" for n in range(1000)]
    images = [
        build_image(f"image-{n}", *(accounts[(n * 47 + k * (n + 1)) % 1000] for k in range(50)))
        for n in range(20)
    ]

    drawing = draw_picture(*images)

    assert len(get_texts(drawing, LEFT)) == 20
    assert len(get_texts(drawing, RIGHT)) == 24
    assert drawing.height == 32 + 24 * 36
    named = [box for box in drawing.boxes if box.x == RIGHT]
    rest = named.pop()
    assert re.fullmatch(r"and \d+ more accounts", rest.text)
    count = sum(len(box.title.split(", ")) for box in named) + int(rest.text.split()[1])
    assert count == len({account for image in images for account in image.accounts})
    # The last box, of all other accounts, has lines too.
    assert {image for image, _account in get_lines(drawing)} == {image.name for image in images}


def test_all_groups_are_named_if_they_fit():
    images = [build_image(f"image-{n:02}", f"account-{n:02}") for n in range(25)]

    assert len(get_texts(draw_picture(*images[:24]), RIGHT)) == 24
    assert "more" not in " ".join(get_texts(draw_picture(*images[:24]), RIGHT))
    assert get_texts(draw_picture(*images), RIGHT)[-1] == "and 2 more accounts"


def test_the_same_sharing_gives_the_same_picture():
    images = [build_image(str(n), *(f"account-{n * k % 11}" for k in range(5))) for n in range(9)]

    assert draw_picture(*images) == draw_picture(*images)


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("golden", 100, "golden"),
        ("golden-ubuntu-22.04-for-all", 100, "golden-ubunt…"),
        ("黄金镜像黄金镜像黄金镜像", 100, "黄金镜像黄金…"),
        ("WWWWWWWWWWWWWWWW", 100, "WWWWWWW…"),
        ("a very long name", 60, "a very…"),
        ("golden", 5, "…"),
    ],
)
def test_a_long_text_is_cut(text, room, shown):
    assert cut(text, room) == shown


def test_chinese_characters_are_twice_as_wide():
    assert measure("黄金") == 2 * 13
    assert measure("ab") < 2 * 13 * 0.6
    assert measure("e\u0301") == measure("e")


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["payments"], "payments"),
        (["payments", "search", "data"], "payments, search, data"),
        (["payments", "search", "data", "risk"], "payments, search, data and 1 more"),
        (["branch-of-anqing", "branch-of-baotou", "c"], "branch-of-anqing, branch-of-baotou, c"),
        (["a" * 20, "b" * 20, "c"], "a" * 20 + " and 2 more"),
        (["a" * 64, "b" * 64], "a" * 24 + "… and 1 more"),
    ],
)
def test_names_are_shown_as_far_as_they_fit(names, shown):
    assert fit_names(names, 272) == shown
