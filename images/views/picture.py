"""Lay out the picture of who can use what: images left, accounts right, lines between them.

The input is shared images, the output is positions. The module does not use the database. Accounts
with exactly the same images are one box, so the size depends on the pattern, not on the company.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import join_names

# Maximum number of account boxes in a section. The last one holds all remaining accounts.
MAX_GROUPS = 24
# How often each side is sorted by the ends of its lines. More turns change almost nothing.
TURNS = 12

# In CSS pixels, at the default text size
WIDTH = 832
BOX_WIDTH = 296
BOX_HEIGHT = 28
PITCH = 36
HEADING = 32
SECTION_GAP = 16
PADDING = 12
FONT_SIZE = 13
CORNER = 4

# Widths of characters relative to the font size, a little wider than in the usual fonts
NARROW, PLAIN, CAPITAL, BROAD, FULL = 0.38, 0.58, 0.76, 0.92, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedImage:
    name: str
    url: str
    # The accounts that can use it, as far as the reader may know
    accounts: Sequence[str]
    # The owner's name, if it is another account
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that have the same images. `images` are indexes in the list."""

    accounts: Sequence[str]
    images: frozenset[int]
    # True if these are the remaining accounts, each with some of the images
    is_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    x: int
    middle: int
    text: str
    note: str = ""
    title: str
    url: str = ""
    # Its own lines and their ends, which are drawn again while the pointer is on the box
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
        return self.x + BOX_WIDTH - PADDING


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
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    font_size: int = FONT_SIZE
    corner: int = CORNER


def draw(own: Sequence[SharedImage], received: Sequence[SharedImage], *, you: str) -> Picture:
    """Draw the images of `you`, and below them those shared with `you` (no other recipients)."""
    headings = [Heading(WIDTH - BOX_WIDTH, HEADING // 2, _("Accounts with access"))]
    boxes: list[Box] = []
    top = 0
    sections = (
        (_("Your images"), own, limit_groups(group_accounts(own))),
        (_("Shared with you"), received, group_accounts(received)),
    )
    for heading, images, groups in sections:
        if not images:
            continue
        top += SECTION_GAP if boxes else 0
        headings.append(Heading(0, top + HEADING // 2, heading))
        boxes += draw_section(images, groups, top + HEADING, you)
        top += HEADING + get_height(images, groups)
    left = [box for box in boxes if not box.x]
    right = [box for box in boxes if box.x]
    return Picture(
        height=top,
        headings=headings,
        boxes=boxes,
        ways="".join(box.ways for box in left),
        ends=draw_stops((box.middle for box in left), (box.middle for box in right)),
    )


def draw_section(
    images: Sequence[SharedImage], groups: Sequence[Group], top: int, you: str
) -> list[Box]:
    rows, groups = arrange(len(images), groups)
    height = get_height(images, groups)
    image_middles = dict(zip(rows, get_middles(len(images), top, height), strict=True))
    group_middles = get_middles(len(groups), top, height)
    boxes = []
    for i in rows:
        image, y = images[i], image_middles[i]
        ends = [at for at, group in zip(group_middles, groups, strict=True) if i in group.images]
        boxes.append(draw_image_box(image, y, ends))
    for group, y in zip(groups, group_middles, strict=True):
        starts = sorted(image_middles[i] for i in group.images)
        boxes.append(draw_group_box(group, y, starts, you))
    return boxes


def get_height(images: Sequence[SharedImage], groups: Sequence[Group]) -> int:
    return PITCH * max(len(images), len(groups))


def get_middles(count: int, top: int, height: int) -> list[int]:
    """Return the middles of `count` boxes, spread out if they need at most half the height."""
    pitch = height // count if 2 * count * PITCH <= height else PITCH
    first = top + (height - pitch * (count - 1)) // 2
    return [first + pitch * row for row in range(count)]


# Groups and their order


def group_accounts(images: Sequence[SharedImage]) -> list[Group]:
    """Group the accounts that have exactly the same images."""
    images_of: dict[str, set[int]] = {}
    for i, image in enumerate(images):
        for account in image.accounts:
            images_of.setdefault(account, set()).add(i)
    accounts_with: dict[frozenset[int], list[str]] = {}
    for account in sorted(images_of):
        accounts_with.setdefault(frozenset(images_of[account]), []).append(account)
    return [Group(accounts, indexes) for indexes, accounts in accounts_with.items()]


def limit_groups(groups: Sequence[Group]) -> list[Group]:
    """Return the largest groups. If there are too many, the others become one."""
    if len(groups) <= MAX_GROUPS:
        return list(groups)
    by_size = sorted(groups, key=lambda group: len(group.accounts), reverse=True)
    shown, others = by_size[: MAX_GROUPS - 1], by_size[MAX_GROUPS - 1 :]
    accounts = [account for group in others for account in group.accounts]
    images = frozenset[int]().union(*(group.images for group in others))
    return [*shown, Group(accounts, images, is_rest=True)]


def arrange(count: int, groups: Sequence[Group]) -> tuple[list[int], list[Group]]:
    """Return the images and the groups, each in an order in which few lines cross.

    In turns, sort each side by the mean position of its links (the barycenter method), and return
    the best result.
    """
    rows, groups = list(range(count)), list(groups)
    results = []
    for _turn in range(TURNS):
        row_of = {i: row for row, i in enumerate(rows)}
        groups.sort(key=lambda g: inf if g.is_rest else mean(row_of[i] for i in g.images))
        ends: list[list[int]] = [[] for _row in rows]
        for row, group in enumerate(groups):
            for i in group.images:
                ends[i].append(row)
        results.append((count_crossings(rows, groups), list(rows), list(groups)))
        rows.sort(key=lambda i: mean(ends[i]))
    _fewest, rows, groups = min(results, key=lambda result: result[0])
    return rows, groups


def mean(numbers: Iterable[int]) -> float:
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


def count_crossings(rows: Sequence[int], groups: Sequence[Group]) -> int:
    row_of = {i: row for row, i in enumerate(rows)}
    links = sorted((row_of[i], row) for row, group in enumerate(groups) for i in group.images)
    above: list[int] = []
    count = 0
    for _row, end in links:
        count += len(above) - bisect_right(above, end)
        insort(above, end)
    return count


# Boxes


def draw_image_box(image: SharedImage, middle: int, ends: Iterable[int]) -> Box:
    count = len(image.accounts)
    if image.owner:
        title = _("%(image)s, shared by %(owner)s") % {"image": image.name, "owner": image.owner}
        note = cut(image.owner, BOX_WIDTH / 3)
    else:
        sentence = ngettext(
            "%(image)s, shared with %(count)d account",
            "%(image)s, shared with %(count)d accounts",
            count,
        )
        title = sentence % {"image": image.name, "count": count}
        note = str(count)
    room = BOX_WIDTH - 3 * PADDING - measure(note)
    return Box(
        x=0,
        middle=middle,
        text=cut(image.name, room),
        note=note,
        title=title,
        url=image.url,
        ways="".join(draw_curve(middle, end) for end in ends),
        ends=draw_stops([middle], ends),
    )


def draw_group_box(group: Group, middle: int, starts: Iterable[int], you: str) -> Box:
    if group.is_rest:
        count = len(group.accounts)
        sentence = ngettext("and %(count)d more account", "and %(count)d more accounts", count)
        text = title = sentence % {"count": count}
    elif group.accounts == [you]:
        sentence = _("%(account)s (you)")
        text = sentence % {"account": cut(you, BOX_WIDTH / 2)}
        title = sentence % {"account": you}
    else:
        text = fit_names(group.accounts, BOX_WIDTH - 2 * PADDING)
        title = _(", ").join(group.accounts)
    return Box(
        x=WIDTH - BOX_WIDTH,
        middle=middle,
        text=text,
        title=title,
        ways="".join(draw_curve(start, middle) for start in starts),
        ends=draw_stops(starts, [middle]),
    )


def fit_names(names: Sequence[str], room: float) -> str:
    """Return as many names as fit in `room` pixels, and the number of the others."""
    for shown in (3, 2, 1):
        text = join_names(names, shown)
        if measure(text) <= room:
            return text
    spare = measure(text) - measure(names[0])
    return join_names([cut(names[0], room - spare), *names[1:]], 1)


def cut(text: str, room: float) -> str:
    """Return the text, shortened to fit in `room` pixels."""
    if measure(text) <= room:
        return text
    while text and measure(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def measure(text: str) -> float:
    return FONT_SIZE * sum(measure_character(character) for character in text)


def measure_character(character: str) -> float:
    """Return the width of a character relative to the font size, in the widest of the usual fonts.

    The browser chooses the font, so the real width is unknown here.
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


# Lines, as SVG paths


def draw_curve(start: int, end: int) -> str:
    """Return the path from an image's box to an account box."""
    bend = WIDTH // 2
    return f"M{BOX_WIDTH} {start}C{bend} {start} {bend} {end} {WIDTH - BOX_WIDTH} {end}"


def draw_stops(starts: Iterable[int], ends: Iterable[int]) -> str:
    """Return a zero-length path, drawn as a dot, at each end of the lines."""
    left = (f"M{BOX_WIDTH} {y}h0" for y in starts)
    right = (f"M{WIDTH - BOX_WIDTH} {y}h0" for y in ends)
    return "".join((*left, *right))
