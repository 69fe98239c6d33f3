"""Sharing: BCC's API reference, "Share", "Unshare" and "Query … users with shared image access"."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import directory, standby
from accounts.exceptions import refuse_if
from images import rules, sharing

from . import wire
from .dispatch import Call


def share(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.find_image(image_id)
    texts = [text for _field, text in body.identifiers]
    matches = directory.look_up(texts, by=call.actor)
    entries = [sharing.Entry(text, matches[text]) for text in texts]
    entries = match_fields(body, entries)
    sharing.share_with_new(image=image, entries=entries, by=call.actor)


def unshare(call: Call, image_id: str, body: wire.Recipient) -> None:
    image = call.find_image(image_id)
    texts = [text for _field, text in body.identifiers]
    # Those of another account's image are not the caller's business.
    is_own = image.owner_id == call.account.pk
    grants = sharing.list_grants(image=image.pk) if texts and is_own else []
    recipients = [grant.recipient for grant in grants]
    entries = match_fields(body, sharing.pick_recipients(recipients, texts))
    sharing.unshare(image=image, entries=entries, by=call.actor)


@standby.lists
def list_shared_users(call: Call, image_id: str) -> wire.SharedUsersAnswer:
    image = call.find_image(image_id)
    refuse_if(rules.against_inspecting(image, call.actor))
    grants = sharing.list_grants(image=image.pk)
    return wire.SharedUsersAnswer(users=[wire.to_shared_user(grant.recipient) for grant in grants])


def match_fields(body: wire.Recipient, entries: Iterable[sharing.Entry]) -> list[sharing.Entry]:
    """Return the entries of the body's identifiers with the accounts that match in their field.

    In the console, an identifier matches in any field.
    """
    return [
        sharing.Entry(text, [each for each in entry.accounts if getattr(each, field) == text])
        for (field, text), entry in zip(body.identifiers, entries, strict=True)
    ]
