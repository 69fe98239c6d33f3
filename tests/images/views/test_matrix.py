"""The table of images and accounts. These tests need no database."""

from __future__ import annotations

import pytest

from images.views.matrix import build_matrix, is_needed, search
from images.views.picture import Recipient, SharedImage


def build_image(name, *accounts):
    recipients = [
        Recipient(name=account, account_id=f"{account[::-1]}000", url="", title="")
        for account in accounts
    ]
    return SharedImage(name=name, url="", accounts=recipients)


def get_pairs(images):
    return {image.name: [account.name for account in image.accounts] for image in images}


GOLDEN = build_image("golden", "payments", "search", "branch-anqing")
TRIAL = build_image("trial-pay", "search")


def test_rows_are_accounts_the_ones_with_most_images_first():
    matrix = build_matrix([GOLDEN, TRIAL])

    assert [image.name for image in matrix.images] == ["golden", "trial-pay"]
    assert [(account.name, cells) for account, cells in matrix.rows] == [
        ("search", ["✓", "✓"]),
        ("branch-anqing", ["✓", ""]),
        ("payments", ["✓", ""]),
    ]
    assert matrix.count == 3


def test_a_matrix_has_a_hundred_rows_and_counts_the_others():
    matrix = build_matrix([build_image("golden", *(f"branch-{n:03}" for n in range(150)))])

    assert (len(matrix.rows), matrix.count) == (100, 150)


@pytest.mark.parametrize(("accounts", "needed"), [(7, False), (8, True)])
def test_a_matrix_is_needed_from_eight_accounts_on(accounts, needed):
    names = [f"branch-{n}" for n in range(accounts)]

    assert is_needed([build_image("a", *names[:5]), build_image("b", *names[2:])]) is needed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {"golden": ["payments", "search", "branch-anqing"], "trial-pay": ["search"]}),
        ("GOLD", {"golden": ["payments", "search", "branch-anqing"]}),
        ("Anqing", {"golden": ["branch-anqing"]}),
        ("search", {"golden": ["search"], "trial-pay": ["search"]}),
        # The name of an image comes first.
        ("pay", {"trial-pay": ["search"]}),
        # The start of an account ID
        ("hcraes0", {"golden": ["search"], "trial-pay": ["search"]}),
        ("craes0", {}),
        ("nobody", {}),
    ],
)
def test_the_search_finds_images_and_accounts(text, found):
    assert get_pairs(search([GOLDEN, TRIAL], text)) == found
