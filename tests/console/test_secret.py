"""Keys that are stored in the data folder."""

from __future__ import annotations

import os
import stat

import pytest
from cryptography.fernet import Fernet

from console.secret import ENCRYPTION, SIGNING


@pytest.mark.parametrize("key", [SIGNING, ENCRYPTION])
def test_a_missing_key_is_empty(key, tmp_path):
    assert key.read(tmp_path) == ""
    assert key.read(tmp_path / "nowhere") == ""


@pytest.mark.parametrize("key", [SIGNING, ENCRYPTION])
def test_a_key_is_stored_for_its_owner_only(key, tmp_path):
    old = os.umask(0)
    try:
        created = key.create(tmp_path)
    finally:
        os.umask(old)

    assert key.read(tmp_path) == created
    assert len(created) >= 44
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_are_random(tmp_path):
    assert SIGNING.create(tmp_path) != SIGNING.create(tmp_path)
    Fernet(ENCRYPTION.create(tmp_path))


def test_a_failed_write_leaves_no_key(tmp_path, monkeypatch):
    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        SIGNING.create(tmp_path)
    assert SIGNING.read(tmp_path) == ""

    monkeypatch.undo()
    created = SIGNING.create(tmp_path)

    assert SIGNING.read(tmp_path) == created
