"""A world in which every URL leads somewhere, and those who visit it."""

from __future__ import annotations

import re

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actors import Actor, Channel
from accounts.models import AuditEvent, Identity, Role, Server
from images import sharing

from ..factories import (
    AccessKeyFactory,
    AccountFactory,
    ImageFactory,
    InstanceFactory,
    OperatorFactory,
    RegionFactory,
    ShareGrantFactory,
    UserFactory,
)

VISITORS = ("nobody", "stranger", "recipient", "viewer", "sharer", "admin", "auditor", "operator")
KEY_ID = "0123456789abcdef" * 2
OTHER_ID = "fedcba9876543210" * 2


class World:
    """An account with one of everything, an account that it shares with, and a stranger."""

    def __init__(self):
        for code in ("bj", "gz"):
            RegionFactory.create(code=code)
        self.owner = AccountFactory.create(name="owner", account_id="a" * 32)
        self.recipient = AccountFactory.create(name="recipient", account_id="b" * 32)
        self.stranger = AccountFactory.create(name="stranger", account_id="c" * 32)
        self.image = ImageFactory.create(owner=self.owner, image_id="m-abcdefgh", name="golden")
        self.instance = InstanceFactory.create(owner=self.owner, instance_id="i-abcdefgh")
        self.people = {
            role: UserFactory.create(username=role, account=self.owner, role=role)
            for role in ("viewer", "sharer", "admin")
        }
        for name in ("recipient", "stranger"):
            self.people[name] = UserFactory.create(username=name, account=getattr(self, name))
        self.people["auditor"] = OperatorFactory.create(username="auditor", is_superuser=False)
        self.people["auditor"].groups.add(Group.objects.get(name="Auditors"))
        self.people["operator"] = OperatorFactory.create(username="operator")
        self.colleague = UserFactory.create(username="colleague", account=self.owner, role="viewer")
        self.key = AccessKeyFactory.create(user=self.colleague, key_id=KEY_ID)
        self.identity = Identity.objects.create(
            user=self.colleague, issuer="https://id", subject="7"
        )
        self.server = Server.objects.create(host="one", address="http://one", version="1")
        self.grant = ShareGrantFactory.create(image=self.image, recipient=self.recipient)
        self.unshare = self.unshare_from(AccountFactory.create(name="former"))

    def unshare_from(self, account) -> AuditEvent:
        ShareGrantFactory.create(image=self.image, recipient=account)
        by = Actor(account=self.owner, name="admin", role=Role.ADMIN, channel=Channel.CONSOLE)
        return sharing.unshare(image=self.image, entries=[sharing.Entry("", [account])], by=by)

    def browser(self, visitor):
        browser = Client(raise_request_exception=False)
        if visitor in self.people:
            browser.force_login(self.people[visitor])
        return browser

    @property
    def objects(self):
        """Return the object of each model in the administration."""
        rows = {
            "accounts/account": self.owner,
            "accounts/accesskey": self.key,
            "accounts/auditevent": self.unshare,
            "accounts/identity": self.identity,
            "accounts/server": self.server,
            "accounts/user": self.colleague,
            "images/image": self.image,
            "images/instance": self.instance,
            "images/region": self.image.region,
            "images/sharegrant": self.grant,
        }
        return {model: str(row.pk) for model, row in rows.items()}

    @property
    def ids(self):
        """Return the value of each placeholder."""
        return {
            "region:region": "bj",
            "image_id:image_id": self.image.image_id,
            "instance_id:instance_id": self.instance.instance_id,
            "key_id:key_id": self.key.key_id,
            "key_id:account_id": self.owner.account_id,
            "int:pk": str(self.colleague.pk),
            "int:event": str(self.unshare.pk),
            "uidb64": "Mg",
            "token": "token",
            "path:rest": "1",
            "path:content_type_id": "1",
        }

    def fill(self, route, **others):
        """Return the path of a route. `others` replace the values of placeholders by name."""
        model = "/".join(route.split("/")[1:3])
        values = {**self.ids, "path:object_id": self.objects.get(model, "1"), "id": "1"}
        values["id"] = self.objects.get(model, "1")

        def find(placeholder):
            name = placeholder[1].rpartition(":")[2]
            return others.get(name, values[placeholder[1]])

        return "/" + re.sub(r"<([^>]+)>", find, route)


def walk(resolver, prefix=""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from walk(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def get_routes():
    """Return the route of every URL. Two regular expressions of the administration are apart."""
    return sorted(set(walk(get_resolver())))
