"""Sharing: BCC's API reference, "Share", "Unshare" and "Query … users with shared image access"."""

from __future__ import annotations

from accounts.exceptions import refuse_if
from images import rules, sharing

from . import wire
from .dispatch import Call


def share(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.find_image(image_id)
    sharing.share_with_new(image=image, entries=look_up_recipients(call, body), by=call.actor)


def unshare(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.find_image(image_id)
    sharing.unshare(image=image, entries=look_up_recipients(call, body), by=call.actor)


def list_shared_users(call: Call, image_id: str) -> wire.SharedUsersAnswer:
    image = call.find_image(image_id)
    refuse_if(rules.against_managing(image, call.actor))
    grants = image.grants.select_related("recipient")
    return wire.SharedUsersAnswer(users=[wire.to_shared_user(grant.recipient) for grant in grants])


def look_up_recipients(call: Call, body: wire.Recipient) -> list[sharing.Entry]:
    """Return an entry for each identifier in the body.

    Unlike in the console, an identifier matches only in its own field.
    """
    identifiers = body.identifiers
    matches = sharing.look_up_entries([text for _field, text in identifiers], by=call.actor)
    entries = []
    for (field, text), entry in zip(identifiers, matches, strict=True):
        accounts = [account for account in entry.accounts if getattr(account, field) == text]
        entries.append(sharing.Entry(text, accounts))
    return entries
