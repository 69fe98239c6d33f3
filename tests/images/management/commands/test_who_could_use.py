from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.actors import SYSTEM
from images import lifecycle, sharing

from ....accounts.trail import archive, seal_all
from ....factories import AccountFactory
from ...verbs import draft, entries_for

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)


def who_could_use(image_id, time, *files):
    out = io.StringIO()
    call_command("who_could_use", image_id, time, archive=files, stdout=out)
    return out.getvalue().splitlines()


def test_the_owner_and_the_recipients_of_that_time_are_printed(actor_for):
    owner = AccountFactory.create(account_id="0" * 32)
    one, two = (AccountFactory.create(name=n, account_id=n[0] * 32) for n in ("alpha", "beta"))
    with time_machine.travel(NOON, tick=False) as clock:
        image = lifecycle.create(draft=draft(owner, name="golden"), by=actor_for(owner))
        clock.shift(3600)
        by = actor_for(owner)
        sharing.share(image=image, entries=entries_for(one, two), by=by)
        clock.shift(3600)
        sharing.unshare(image=image, entries=entries_for(two), by=by)
    since = f"since 2027-01-31T13:00:00+00:00, by {by.name}"

    assert who_could_use(image.image_id, "2027-01-31T13:30") == [
        f"golden ({image.image_id}) at 2027-01-31T13:30:00+00:00",
        f"  {'0' * 32}  owner",
        f"  {'a' * 32}  alpha, {since}",
        f"  {'b' * 32}  beta, {since}",
    ]
    assert len(who_could_use(image.image_id, "2027-01-31T12:30Z")) == 2
    assert len(who_could_use(image.image_id, "2027-01-31T22:00+08:00")) == 3
    with pytest.raises(CommandError, match="knows no image"):
        who_could_use(image.image_id, "2027-01-31T11:00Z")


def test_a_public_image_is_for_every_account():
    with time_machine.travel(NOON, tick=False):
        image = lifecycle.create(draft=draft(None, type="System"), by=SYSTEM)

    assert who_could_use(image.image_id, "2027-02-01")[1:] == ["  public: every account"]


@pytest.fixture
def shared(month, actor_for):
    """Return an image that was created and shared in May and unshared in June."""
    owner = AccountFactory.create(account_id="0" * 32)
    one, two = (AccountFactory.create(name=n, account_id=n[0] * 32) for n in ("alpha", "beta"))
    by = actor_for(owner)
    with time_machine.travel("2020-05-30T12:00:00Z", tick=False):
        image = lifecycle.create(draft=draft(owner), by=by)
        sharing.share(image=image, entries=entries_for(one, two), by=by)
    with time_machine.travel("2020-06-02T12:00:00Z", tick=False):
        sharing.unshare(image=image, entries=entries_for(two), by=by)
    seal_all()
    return image


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("time", "letters"), [("2020-05-31", "0ab"), ("2020-06-03", "0a"), ("2027-01-01", "0a")]
)
def test_archived_events_are_read_from_their_file(month, shared, tmp_path, time, letters):
    archive(month, tmp_path)
    file = tmp_path / "audit-2020-05.jsonl.gz"

    lines = who_could_use(shared.image_id, time, file)[1:]
    assert [line[2:34] for line in lines] == [letter * 32 for letter in letters]
    with pytest.raises(CommandError, match=r"may be in audit-2020-05.jsonl.gz. Give these files"):
        who_could_use(shared.image_id, time)


@pytest.mark.django_db(transaction=True)
def test_an_image_that_began_after_the_archives_needs_none(month, shared, tmp_path, actor_for):
    archive(month, tmp_path)
    owner = AccountFactory.create()
    image = lifecycle.create(draft=draft(owner), by=actor_for(owner))

    assert len(who_could_use(image.image_id, "2100-01-01")) == 2


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_no_archive_of_the_trail_is_not_read(month, shared, tmp_path):
    archive(month, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"x")

    with pytest.raises(CommandError, match="isn't an archive of this trail"):
        who_could_use(shared.image_id, "2020-05-31", file)


@pytest.mark.django_db(transaction=True)
def test_archives_need_the_key_that_signed_them(month, shared, tmp_path, settings):
    archive(month, tmp_path)
    settings.AUDIT_SIGNING_KEYS = []

    with pytest.raises(CommandError, match="no key that signed an archive"):
        who_could_use(shared.image_id, "2020-05-31")


def test_the_time_must_be_one():
    with pytest.raises(CommandError, match="TIME needs a date and time"):
        who_could_use("m-abcdefgh", "yesterday")
