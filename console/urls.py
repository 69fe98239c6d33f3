from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.urls import people_urls
from images.urls import activity_urls, image_urls, inbox_urls, instance_urls
from images.views.overview import overview

from . import health, styleguide, views

# Pages whose addresses had no region before
OLD_PAGES = ("access-keys", "activity", "inbox")

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", views.favicon),
    path("language/", login_not_required(require_POST(set_language)), name="set_language"),
    path("readyz", health.readyz),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/dialog/", styleguide.sample_dialog, name="styleguide-dialog"),
    path("<region:region>/", overview, name="overview"),
    path("<region:region>/activity/", include(activity_urls)),
    path("<region:region>/images/", include(image_urls)),
    path("<region:region>/inbox/", include(inbox_urls)),
    path("<region:region>/instances/", include(instance_urls)),
    path("<region:region>/people/", include(people_urls)),
    *(path(f"{page}/", views.add_region) for page in OLD_PAGES),
    *(path(f"{page}/<path:rest>", views.add_region) for page in OLD_PAGES),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
