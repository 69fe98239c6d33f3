"""Who can use what, drawn: images on the left, accounts on the right, lines between.

What is shared goes in, places come out; nothing here knows the database. Accounts that have exactly
the same images are one box, so that the picture is as large as the pattern, not as the company.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import listed

# Boxes of accounts in a section; the accounts of the others become one
MAX_GROUPS = 24
# Turns that each side takes in moving to where its lines lead; later ones change next to nothing
TURNS = 12

# In CSS pixels, one to one at the usual size of text
WIDTH = 832
BOX = 296
BOX_HEIGHT = 28
PITCH = 36
HEADING = 32
SECTION_GAP = 16
PADDING = 12
FONT_SIZE = 13
CORNER = 4

# Shares of the font size, a little more than the usual fonts take
NARROW, PLAIN, CAPITAL, BROAD, FULL = 0.38, 0.58, 0.76, 0.92, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedImage:
    name: str
    url: str
    # Those of whom the reader may know that they can use it
    accounts: Sequence[str]
    # Whose it is, when it is somebody else's
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that have the same images, these by their place in the list."""

    accounts: Sequence[str]
    images: frozenset[int]
    # What is left over: the accounts are many, and each has some of the images
    is_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    x: int
    middle: int
    text: str
    note: str = ""
    title: str
    url: str = ""
    # Its own lines, and where they end: they are drawn once more while somebody points at it
    ways: str
    ends: str

    @property
    def y(self) -> int:
        return self.middle - BOX_HEIGHT // 2

    @property
    def text_x(self) -> int:
        return self.x + PADDING

    @property
    def note_x(self) -> int:
        return self.x + BOX - PADDING


@dataclass(frozen=True, slots=True)
class Heading:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    height: int
    headings: list[Heading]
    boxes: list[Box]
    ways: str
    ends: str
    width: int = WIDTH
    box_width: int = BOX
    box_height: int = BOX_HEIGHT
    font_size: int = FONT_SIZE
    corner: int = CORNER


def draw(own: Sequence[SharedImage], received: Sequence[SharedImage], *, you: str) -> Picture:
    """The images of `you`, and below them those of others: who else has these is not drawn."""
    headings = [Heading(WIDTH - BOX, HEADING // 2, _("Accounts that can use them"))]
    boxes: list[Box] = []
    top = 0
    sections = (
        (_("Your images"), own, bounded(groups_of(own))),
        (_("Shared with you"), received, groups_of(received)),
    )
    for heading, images, groups in sections:
        if not images:
            continue
        top += SECTION_GAP if boxes else 0
        headings.append(Heading(0, top + HEADING // 2, heading))
        boxes += section(images, groups, top + HEADING, you)
        top += HEADING + height_of(images, groups)
    left, right = [b for b in boxes if not b.x], [b for b in boxes if b.x]
    return Picture(
        height=top,
        headings=headings,
        boxes=boxes,
        ways="".join(box.ways for box in left),
        ends=stops((box.middle for box in left), (box.middle for box in right)),
    )


def section(
    images: Sequence[SharedImage], groups: Sequence[Group], top: int, you: str
) -> list[Box]:
    rows, groups = arranged(len(images), groups)
    height = height_of(images, groups)
    image_middles = dict(zip(rows, middles(len(images), top, height), strict=True))
    group_middles = middles(len(groups), top, height)
    boxes = []
    for i in rows:
        image, y = images[i], image_middles[i]
        ends = [at for at, group in zip(group_middles, groups, strict=True) if i in group.images]
        boxes.append(image_box(image, y, ends))
    for group, y in zip(groups, group_middles, strict=True):
        starts = sorted(image_middles[i] for i in group.images)
        boxes.append(group_box(group, y, starts, you))
    return boxes


def height_of(images: Sequence[SharedImage], groups: Sequence[Group]) -> int:
    return PITCH * max(len(images), len(groups))


def middles(count: int, top: int, height: int) -> list[int]:
    """Where `count` boxes stand: one below the other, or spread when half the height is enough."""
    pitch = height // count if 2 * count * PITCH <= height else PITCH
    first = top + (height - pitch * (count - 1)) // 2
    return [first + pitch * row for row in range(count)]


# Who stands together, and in which order


def groups_of(images: Sequence[SharedImage]) -> list[Group]:
    """The accounts, those with exactly the same images together."""
    images_of: dict[str, set[int]] = {}
    for i, image in enumerate(images):
        for account in image.accounts:
            images_of.setdefault(account, set()).add(i)
    together: dict[frozenset[int], list[str]] = {}
    for account in sorted(images_of):
        together.setdefault(frozenset(images_of[account]), []).append(account)
    return [Group(accounts, having) for having, accounts in together.items()]


def bounded(groups: Sequence[Group]) -> list[Group]:
    """The largest groups; when they are too many, the others are one."""
    if len(groups) <= MAX_GROUPS:
        return list(groups)
    by_size = sorted(groups, key=lambda group: len(group.accounts), reverse=True)
    shown, others = by_size[: MAX_GROUPS - 1], by_size[MAX_GROUPS - 1 :]
    accounts = [account for group in others for account in group.accounts]
    images = frozenset[int]().union(*(group.images for group in others))
    return [*shown, Group(accounts, images, is_rest=True)]


def arranged(count: int, groups: Sequence[Group]) -> tuple[list[int], list[Group]]:
    """The images and the groups, each in an order in which few lines cross.

    By turns, everything goes to the middle of what it is linked with (the barycentre method).
    """
    rows, groups = list(range(count)), list(groups)
    tried = []
    for _turn in range(TURNS):
        row_of = {i: row for row, i in enumerate(rows)}
        groups.sort(key=lambda g: inf if g.is_rest else mean(row_of[i] for i in g.images))
        ends: list[list[int]] = [[] for _row in rows]
        for row, group in enumerate(groups):
            for i in group.images:
                ends[i].append(row)
        tried.append((crossings(rows, groups), list(rows), list(groups)))
        rows.sort(key=lambda i: mean(ends[i]))
    _fewest, rows, groups = min(tried, key=lambda each: each[0])
    return rows, groups


def mean(numbers: Iterable[int]) -> float:
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


def crossings(rows: Sequence[int], groups: Sequence[Group]) -> int:
    row_of = {i: row for row, i in enumerate(rows)}
    links = sorted((row_of[i], row) for row, group in enumerate(groups) for i in group.images)
    above: list[int] = []
    crossed = 0
    for _row, end in links:
        crossed += len(above) - bisect_right(above, end)
        insort(above, end)
    return crossed


# What a box says


def image_box(image: SharedImage, middle: int, ends: Iterable[int]) -> Box:
    count = len(image.accounts)
    if image.owner:
        title = _("%(image)s, shared by %(owner)s") % {"image": image.name, "owner": image.owner}
        note = cut(image.owner, BOX / 3)
    else:
        shared = ngettext(
            "%(image)s, shared with %(count)d account",
            "%(image)s, shared with %(count)d accounts",
            count,
        )
        title = shared % {"image": image.name, "count": count}
        note = str(count)
    room = BOX - 3 * PADDING - width_of(note)
    return Box(
        x=0,
        middle=middle,
        text=cut(image.name, room),
        note=note,
        title=title,
        url=image.url,
        ways="".join(way(middle, end) for end in ends),
        ends=stops([middle], ends),
    )


def group_box(group: Group, middle: int, starts: Iterable[int], you: str) -> Box:
    if group.is_rest:
        count = len(group.accounts)
        more = ngettext("and %(count)d more account", "and %(count)d more accounts", count)
        text = title = more % {"count": count}
    elif group.accounts == [you]:
        text = cut(you, BOX / 2)
        text, title = (_("%(account)s (you)") % {"account": name} for name in (text, you))
    else:
        text = label(group.accounts, BOX - 2 * PADDING)
        title = _(", ").join(group.accounts)
    return Box(
        x=WIDTH - BOX,
        middle=middle,
        text=text,
        title=title,
        ways="".join(way(start, middle) for start in starts),
        ends=stops(starts, [middle]),
    )


def label(names: Sequence[str], room: float) -> str:
    """As many names as there is room for, and how many more there are."""
    for shown in (3, 2, 1):
        text = listed(names, shown)
        if width_of(text) <= room:
            return text
    spare = width_of(text) - width_of(names[0])
    return listed([cut(names[0], room - spare), *names[1:]], 1)


def cut(text: str, room: float) -> str:
    """As much of the text as there is room for."""
    if width_of(text) <= room:
        return text
    while text and width_of(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def width_of(text: str) -> float:
    return FONT_SIZE * sum(share_of(character) for character in text)


def share_of(character: str) -> float:
    """How wide a character is, as a share of the font size, in the widest of the usual fonts.

    Which font it is, is the reader's affair, so nothing can be measured here.
    """
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF" or character == "…":
        return FULL
    if character in "mwMW@%":
        return BROAD
    if character.isupper():
        return CAPITAL
    return NARROW if character in "fijlrt.,:;'|()[]- " else PLAIN


# Lines, as SVG writes them


def way(start: int, end: int) -> str:
    """From an image's box to one of accounts."""
    bend = WIDTH // 2
    return f"M{BOX} {start}C{bend} {start} {bend} {end} {WIDTH - BOX} {end}"


def stops(starts: Iterable[int], ends: Iterable[int]) -> str:
    """A point for a round brush at both sides of the lines."""
    left, right = (f"M{BOX} {y}h0" for y in starts), (f"M{WIDTH - BOX} {y}h0" for y in ends)
    return "".join((*left, *right))
