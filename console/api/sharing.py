"""Sharing: BCC's API reference, "Share", "Unshare" and "Query … users with shared image access"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from images import rules, sharing

from . import wire

if TYPE_CHECKING:
    from .endpoint import Call


def share(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.image(image_id)
    entries = sharing.look_up(body.identifiers, by=call.actor)
    sharing.share(image=image, entries=entries, by=call.actor)


def unshare(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.image(image_id)
    entries = sharing.look_up(body.identifiers, by=call.actor)
    sharing.unshare(image=image, entries=entries, by=call.actor)


def shared_users(call: Call, image_id: str) -> wire.SharedUsersAnswer:
    image = call.image(image_id)
    rules.require(rules.against_managing(image, call.actor))
    grants = image.grants.select_related("recipient")
    return wire.SharedUsersAnswer(users=[wire.shared_user(grant.recipient) for grant in grants])
