"""Names and sizes of instance types."""

from __future__ import annotations

import pytest

from images.specs import SPECS, NoSuchSpec, Spec, get_general_spec, parse_spec


@pytest.mark.parametrize(
    ("name", "cpu_count", "memory_gb"),
    [("bcc.g5.c2m8", 2, 8), ("bcc.m5.c4m32", 4, 32), ("ebc.l5c.c999m9999", 999, 9999)],
)
def test_a_name_has_the_size(name, cpu_count, memory_gb):
    assert parse_spec(name) == Spec(name, cpu_count, memory_gb)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "bcc.g5",
        "bcc.g5.c0m8",
        "bcc.g5.c2m0",
        "bcc.g5.c02m8",
        "bcc.g5.c1000m8",
        "bcc.g5.c2m10000",
        "BCC.g5.c2m8",
        "bcc.g5.c2m8 ",
        "bcc.g5.c2m8\n",
        "bcc.g5.c２m8",
    ],
)
def test_another_name_is_not_found(name):
    with pytest.raises(NoSuchSpec):
        parse_spec(name)


def test_a_size_has_a_general_purpose_type():
    assert get_general_spec(4, 16) == SPECS["bcc.g5.c4m16"]
    with pytest.raises(NoSuchSpec):
        get_general_spec(0, 16)
