"""Calls for the tests of concurrency."""

from __future__ import annotations

from accounts.models import Account
from images import instances, lifecycle, sharing
from images.models import Instance
from images.sharing import Entry
from images.specs import SPECS


def sharing_call(image, recipients, by):
    entries = [Entry(account.name, [account]) for account in recipients]
    return lambda: sharing.share(image=image, entries=entries, by=by)


def unshare(image, recipients, by):
    entries = [Entry(account.name, [account]) for account in recipients]
    return sharing.unshare(image=image, entries=entries, by=by)


def unsharing_call(image, recipients, by):
    def call():
        unshared = unshare(image, recipients, by)
        return list(Account.objects.filter(account_id__in=unshared.recipients))

    return call


def unsharing_and_looking(image, recipient, by):
    """Return a call that unshares, then returns the recipient's instances from the image."""

    def call():
        unsharing_call(image, [recipient], by)()
        return list(Instance.objects.filter(owner=recipient).created_from(image))

    return call


def launching_call(image, by, names=("web",)):
    order = instances.Order(spec=SPECS["bcc.g5.c2m8"], names=names, password="Golden2026!")
    return lambda: instances.create(image=image, order=order, by=by)


def reinstalling_call(instance, image, by):
    return lambda: instances.reinstall(instance=instance, image=image, password=None, by=by)


def imaging_call(instance, by):
    return lambda: lifecycle.create_from(instance=instance, name="image", desc="", by=by)


def deleting_call(image, by):
    return lambda: lifecycle.delete(image=image, by=by)
