from django.urls import path, register_converter

from . import converters, invitation_views, people_views, profile_views, sso_views, views

register_converter(converters.KeyIdConverter, "key_id")

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/sso/", sso_views.start, name="sso"),
    path("sign-in/sso/callback/", sso_views.callback, name="sso-callback"),
    path("sign-in/sso/logout/", sso_views.provider_logout, name="sso-logout"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path(
        "invitation/<uidb64>/<token>/",
        invitation_views.Invitation.as_view(),
        name="invitation",
    ),
    path("view-as/stop/", views.stop_viewing, name="stop-viewing"),
    path("view-as/<key_id:account_id>/", views.view_as, name="view-as"),
    path("new-password/", profile_views.require_new_password, name="new-password"),
    path("<region:region>/profile/", profile_views.show, name="profile"),
    path(
        "<region:region>/profile/password/", profile_views.change_password, name="change-password"
    ),
    path(
        "<region:region>/profile/sign-out-elsewhere/",
        profile_views.sign_out_elsewhere,
        name="sign-out-elsewhere",
    ),
    path("<region:region>/time-zone/", views.time_zone, name="time-zone"),
    path("<region:region>/access-keys/", views.access_keys, name="access-keys"),
    path("<region:region>/access-keys/create/", views.create_key, name="create-key"),
    *(
        path(
            f"<region:region>/access-keys/<key_id:key_id>/{action}/",
            views.change_key,
            {"action": action},
            name=f"{action}-key",
        )
        for action in views.KEY_CHANGES
    ),
]
people_urls = (
    [
        path("", people_views.people_list, name="list"),
        path("add/", people_views.add, name="add"),
        path("<int:pk>/", people_views.detail, name="detail"),
        path("<int:pk>/role/", people_views.change_role, name="role"),
        path("<int:pk>/invite/", people_views.invite, name="invite"),
        *(
            path(f"<int:pk>/{action}/", people_views.change, {"action": action}, name=action)
            for action in people_views.CHANGES
        ),
    ],
    "people",
)
