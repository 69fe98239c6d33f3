from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    default = True
    name = "console"


class Admin(admin_apps.AdminConfig):
    default = False
    default_site = "console.sites.OperatorSite"
