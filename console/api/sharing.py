"""Sharing: BCC's API reference, "Share", "Unshare" and "Query … users with shared image access"."""

from __future__ import annotations

from images import rules, sharing

from . import wire
from .endpoint import Call


def share(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.image(image_id)
    sharing.share(image=image, entries=entries(call, body), by=call.actor)


def unshare(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.image(image_id)
    sharing.unshare(image=image, entries=entries(call, body), by=call.actor)


def shared_users(call: Call, image_id: str) -> wire.SharedUsersAnswer:
    image = call.image(image_id)
    rules.require(rules.against_managing(image, call.actor))
    grants = image.grants.select_related("recipient")
    return wire.SharedUsersAnswer(users=[wire.shared_user(grant.recipient) for grant in grants])


def entries(call: Call, body: wire.Recipient) -> list[sharing.Entry]:
    """Whom the body names: unlike in the console, each field is looked up as what it says."""
    fields, texts = [f for f, _ in body.identifiers], [text for _, text in body.identifiers]
    return [
        sharing.Entry(entry.text, [a for a in entry.accounts if getattr(a, field) == entry.text])
        for field, entry in zip(fields, sharing.look_up(texts, by=call.actor), strict=True)
    ]
