"""Where the picture of the sharing puts what, without a database."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

import pytest

from images import picture
from images.picture import SharedImage, cut, draw, label, width_of


def shared(name, *accounts, owner=""):
    return SharedImage(name=name, url=f"/{name}/", accounts=accounts, owner=owner)


def drawn(*own, received=(), you="platform"):
    return draw(own, received, you=you)


def texts(found, x=None):
    return [box.text for box in found.boxes if x in {None, box.x}]


LEFT, RIGHT = 0, picture.WIDTH - picture.BOX


def lines(found):
    """The lines as pairs of what stands at their sides."""
    at = {(box.x, box.middle): box.text for box in found.boxes}
    ways = re.findall(r"M296 (\d+)C416 \1 416 (\d+) 536 \2(?=M|$)", found.ways)
    assert len(ways) == found.ways.count("M")
    return sorted((at[LEFT, int(start)], at[RIGHT, int(end)]) for start, end in ways)


def test_a_line_leads_from_each_image_to_those_who_can_use_it():
    found = drawn(shared("golden", "payments", "search"), shared("runner", "search"))

    assert lines(found) == [("golden", "payments"), ("golden", "search"), ("runner", "search")]
    golden = next(box for box in found.boxes if box.text == "golden")
    search = next(box for box in found.boxes if box.text == "search")
    assert golden.ways.count("M") == search.ways.count("M") == 2
    assert (golden.url, golden.note, golden.title) == (
        "/golden/",
        "2",
        "golden, shared with 2 accounts",
    )
    assert (search.url, search.note, search.title) == ("", "", "search")


def test_accounts_with_the_same_images_are_one_box():
    branches = [f"branch-{n:02}" for n in range(46)]

    found = drawn(shared("golden", *branches), shared("trial", "payments"))

    assert lines(found) == [("golden", "branch-00, branch-01 and 44 more"), ("trial", "payments")]
    (box,) = (box for box in found.boxes if box.text.startswith("branch"))
    assert box.title == ", ".join(branches)


def test_images_of_others_lead_to_the_reader_alone():
    found = drawn(
        shared("golden", "payments"),
        received=[shared("spark", "platform", owner="data")],
    )

    assert lines(found) == [("golden", "payments"), ("spark", "platform (you)")]
    spark = next(box for box in found.boxes if box.text == "spark")
    assert (spark.note, spark.title) == ("data", "spark, shared by data")
    assert [heading.text for heading in found.headings] == [
        "Accounts that can use them",
        "Your images",
        "Shared with you",
    ]


def test_boxes_stand_below_each_other_within_the_picture():
    found = drawn(
        *(shared(f"image-{n}", f"account-{n}", "all", "more") for n in range(7)),
        received=[shared(f"received-{n}", "platform", owner="data") for n in range(5)],
    )

    for x in (LEFT, RIGHT):
        column = sorted(box.y for box in found.boxes if box.x == x)
        assert all(b - a >= picture.PITCH for a, b in pairwise(column))
        assert column[0] >= picture.HEADING
        assert column[-1] + picture.BOX_HEIGHT <= found.height


def test_an_order_without_crossings_is_found():
    # As they come, each line crosses each other one.
    found = drawn(shared("1", "c"), shared("2", "b"), shared("3", "a"))

    partner = dict(lines(found))
    assert texts(found, RIGHT) == [partner[image] for image in texts(found, LEFT)]


def test_departments_that_share_nothing_with_each_other_are_untangled():
    parts = ["data", "payments", "research", "search"] * 5
    images = [
        shared(f"{part}-{n}", *(f"{part}-{k}" for k in range(n % 5 + 1)))
        for n, part in enumerate(parts)
    ]

    found = drawn(*images)

    for x in (LEFT, RIGHT):
        in_order = [text.split("-")[0] for text in texts(found, x)]
        assert sorted(part for part, _ in groupby(in_order)) == parts[:4]


def test_twenty_images_with_fifty_of_a_thousand_accounts_stay_readable():
    accounts = [f"branch-{n:03}" for n in range(1000)]
    images = [
        shared(f"image-{n}", *(accounts[(n * 47 + k * (n + 1)) % 1000] for k in range(50)))
        for n in range(20)
    ]

    found = drawn(*images)

    assert len(texts(found, LEFT)) == 20
    assert len(texts(found, RIGHT)) == 24
    assert found.height == 32 + 24 * 36
    named = [box for box in found.boxes if box.x == RIGHT]
    rest = named.pop()
    assert re.fullmatch(r"and \d+ more accounts", rest.text)
    count = sum(len(box.title.split(", ")) for box in named) + int(rest.text.split()[1])
    assert count == len({account for image in images for account in image.accounts})
    # Whoever is in the rest has a line, too.
    assert {image for image, _account in lines(found)} == {image.name for image in images}


def test_as_many_groups_as_fit_are_all_named():
    images = [shared(f"image-{n:02}", f"account-{n:02}") for n in range(25)]

    assert len(texts(drawn(*images[:24]), RIGHT)) == 24
    assert "more" not in " ".join(texts(drawn(*images[:24]), RIGHT))
    assert texts(drawn(*images), RIGHT)[-1] == "and 2 more accounts"


def test_the_same_sharing_gives_the_same_picture():
    images = [shared(str(n), *(f"account-{n * k % 11}" for k in range(5))) for n in range(9)]

    assert drawn(*images) == drawn(*images)


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
def test_what_is_too_long_is_cut(text, room, shown):
    assert cut(text, room) == shown


def test_chinese_is_twice_as_wide():
    assert width_of("黄金") == 2 * 13
    assert width_of("ab") < 2 * 13 * 0.6
    assert width_of("e\u0301") == width_of("e")


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
def test_as_many_names_as_there_is_room_for(names, shown):
    assert label(names, 272) == shown
