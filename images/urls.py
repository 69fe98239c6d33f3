from django.urls import path

from .views import images, sharing

app_name = "images"
urlpatterns = [
    path("", images.image_list, name="list"),
    path("choose/", images.choose, name="choose"),
    path("<image_id:image_id>/", images.detail, name="detail"),
    path("<image_id:image_id>/edit/", images.edit, name="edit"),
    path("<image_id:image_id>/delete/", images.delete, name="delete"),
    path("<image_id:image_id>/share/", sharing.share, name="share"),
    path("<image_id:image_id>/share/check/", sharing.check, name="check"),
    path("<image_id:image_id>/unshare/", sharing.unshare, name="unshare"),
]
