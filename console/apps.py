from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class ConsoleConfig(AppConfig):
    default = True
    name = "console"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415 - it registers the check
        from .database.owner import grant_to_application  # noqa: PLC0415 - it needs the settings

        # Sent once, when all apps are migrated
        post_migrate.connect(grant_to_application, sender=apps.get_app_config("auth"))


class Admin(admin_apps.AdminConfig):
    default = False
    default_site = "console.sites.OperatorSite"
