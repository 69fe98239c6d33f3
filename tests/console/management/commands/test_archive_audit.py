from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_old_months_nothing_is_written(tmp_path):
    call_command("archive_audit", str(tmp_path), before="2015-01")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("last year", "--before needs a month, such as 2027-01."),
        ("9000-01", "Only months that ended over a month ago can be archived."),
    ],
)
def test_the_month_must_be_an_old_one(tmp_path, before, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("archive_audit", str(tmp_path), before=before)


def test_the_folder_must_exist(tmp_path):
    with pytest.raises(CommandError, match="is no folder"):
        call_command("archive_audit", str(tmp_path / "none"), before="2015-01")
