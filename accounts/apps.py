from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415 - it registers the checks
        from .permissions import update_groups  # noqa: PLC0415

        # The app of permissions is migrated last, so all permissions are there.
        post_migrate.connect(update_groups, sender=apps.get_app_config("auth"))
