from django.contrib import admin
from django.urls import include, path

from images.urls import image_urls, instance_urls

from . import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", views.favicon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("<region:region>/", views.home, name="region"),
    path("<region:region>/images/", include(image_urls)),
    path("<region:region>/instances/", include(instance_urls)),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
