"""Lay out the picture of who can use what: images left, accounts right, lines between them.

The input is shared images, the output is positions. The module does not use the database. Accounts
with exactly the same images are one box, until its link opens it. With many accounts, matrix.py is
used instead.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.wording import join_names

# How often each side is sorted by the ends of its lines. More turns change almost nothing.
TURNS = 12

# In CSS pixels, at the default text size
WIDTH = 832
BOX_WIDTH = 296
BOX_HEIGHT = 28
PITCH = 36
HEADING = 32
SECTION_GAP = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """An account that can use images, and the page about what happened with it."""

    name: str
    account_id: str
    url: str
    # What the link leads to, with the name
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedImage:
    name: str
    url: str
    # The accounts that can use it, as far as the reader may know
    accounts: Sequence[Recipient]
    # The owner's name, if it is another account
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that have the same images. `images` are indexes in the list."""

    accounts: Sequence[Recipient]
    images: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    x: int
    middle: int
    text: str
    note: str = ""
    title: str
    url: str
    # Its own lines and their ends, which are drawn again while the pointer is on the box
    ways: str
    ends: str

    @property
    def y(self) -> int:
        return self.middle - BOX_HEIGHT // 2


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


def draw(
    own: Sequence[SharedImage], received: Sequence[SharedImage], *, opened: str = ""
) -> Picture:
    """Draw the reader's own images, and below them those shared with the reader.

    The group with the account `opened` (by ID) is drawn as one box for each account.
    """
    headings = [Heading(WIDTH - BOX_WIDTH, HEADING // 2, _("Accounts with access"))]
    boxes: list[Box] = []
    top = 0
    sections = (
        (_("Your images"), own, open_group(group_accounts(own), opened)),
        (_("Shared with you"), received, group_accounts(received)),
    )
    for heading, images, groups in sections:
        if not images:
            continue
        top += SECTION_GAP if boxes else 0
        headings.append(Heading(0, top + HEADING // 2, heading))
        boxes += draw_section(images, groups, top + HEADING)
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


def draw_section(images: Sequence[SharedImage], groups: Sequence[Group], top: int) -> list[Box]:
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
        boxes.append(draw_group_box(group, y, starts))
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
    images_of: dict[Recipient, set[int]] = {}
    for i, image in enumerate(images):
        for account in image.accounts:
            images_of.setdefault(account, set()).add(i)
    accounts_with: dict[frozenset[int], list[Recipient]] = {}
    for account in sorted(images_of, key=lambda account: account.name):
        accounts_with.setdefault(frozenset(images_of[account]), []).append(account)
    return [Group(accounts, indexes) for indexes, accounts in accounts_with.items()]


def open_group(groups: Sequence[Group], account_id: str) -> list[Group]:
    """Return the groups, the one with this account as a group for each of its accounts."""
    opened: list[Group] = []
    for group in groups:
        is_opened = any(account.account_id == account_id for account in group.accounts)
        parts = [[account] for account in group.accounts] if is_opened else [group.accounts]
        opened += [Group(accounts, group.images) for accounts in parts]
    return opened


def arrange(count: int, groups: Sequence[Group]) -> tuple[list[int], list[Group]]:
    """Return the images and the groups, each in an order in which few lines cross.

    In turns, sort each side by the mean position of its links (the barycenter method), and return
    the best result.
    """
    rows, groups = list(range(count)), list(groups)
    results = []
    for _turn in range(TURNS):
        row_of = {i: row for row, i in enumerate(rows)}
        groups.sort(key=lambda group: mean(row_of[i] for i in group.images))
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
    if image.owner:
        title = _("%(image)s, shared by %(owner)s") % {"image": image.name, "owner": image.owner}
    else:
        sentence = _("%(image)s, shared with %(accounts)s")
        title = sentence % {"image": image.name, "accounts": join_all(image.accounts)}
    return Box(
        x=0,
        middle=middle,
        text=image.name,
        note=image.owner or str(len(image.accounts)),
        title=title,
        url=image.url,
        ways="".join(draw_curve(middle, end) for end in ends),
        ends=draw_stops([middle], ends),
    )


def draw_group_box(group: Group, middle: int, starts: Iterable[int]) -> Box:
    first, count = group.accounts[0], len(group.accounts)
    names = join_all(group.accounts)
    opening = _("%(accounts)s: show each account") % {"accounts": names}
    return Box(
        x=WIDTH - BOX_WIDTH,
        middle=middle,
        text=names,
        note=str(count) if count > 1 else "",
        title=opening if count > 1 else first.title,
        url=f"?open={first.account_id}#sharing" if count > 1 else first.url,
        ways="".join(draw_curve(start, middle) for start in starts),
        ends=draw_stops(starts, [middle]),
    )


def join_all(accounts: Sequence[Recipient]) -> str:
    return join_names([account.name for account in accounts], len(accounts))


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
