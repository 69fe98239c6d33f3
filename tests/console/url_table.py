"""What each visitor gets from each URL: the status of a GET, and of a POST without a field.

A new URL needs a row here. The columns are nobody, a stranger, a recipient, then the owner's
viewer, sharer and administrator, then an auditor and an operator. These two have no account: the
pages of accounts redirect them to the administration, which redirects everybody else to the page
to sign in.
"""

from __future__ import annotations

TABLE = """
#    nobody stranger recipient viewer sharer admin auditor operator
GET  302 302 302 302 302 302 302 302
POST 302 302 302 302 302 302 302 302
    /
    /admin/accounts/accesskey/<path:object_id>/
    /admin/accounts/accesskey/<path:object_id>/history/
    /admin/accounts/account/<path:object_id>/
    /admin/accounts/account/<path:object_id>/history/
    /admin/accounts/auditevent/<path:object_id>/
    /admin/accounts/auditevent/<path:object_id>/history/
    /admin/accounts/identity/<path:object_id>/
    /admin/accounts/identity/<path:object_id>/history/
    /admin/accounts/server/<path:object_id>/
    /admin/accounts/server/<path:object_id>/history/
    /admin/accounts/user/<path:object_id>/
    /admin/accounts/user/<path:object_id>/history/
    /admin/images/image/<path:object_id>/
    /admin/images/image/<path:object_id>/history/
    /admin/images/instance/<path:object_id>/
    /admin/images/instance/<path:object_id>/history/
    /admin/images/region/<path:object_id>/
    /admin/images/region/<path:object_id>/history/
    /admin/images/sharegrant/<path:object_id>/
    /admin/images/sharegrant/<path:object_id>/history/
    /admin/password_change/
    /favicon.ico

GET  302 200 200 200 200 200 302 302
POST 302 405 405 405 405 405 302 302
    /<region:region>/
    /<region:region>/access-keys/
    /<region:region>/activity/
    /<region:region>/activity/export/csv/
    /<region:region>/activity/export/jsonl/
    /<region:region>/images/
    /<region:region>/images/progress/
    /<region:region>/inbox/
    /<region:region>/instances/
    /<region:region>/instances/progress/
    /<region:region>/people/
    /<region:region>/profile/

GET  302 404 404 403 403 200 302 302
POST 302 404 404 403 403 303 302 302
    /<region:region>/access-keys/<key_id:key_id>/delete/
    /<region:region>/access-keys/<key_id:key_id>/disable/
    /<region:region>/instances/<instance_id:instance_id>/reboot/
    /<region:region>/instances/<instance_id:instance_id>/release/
    /<region:region>/instances/<instance_id:instance_id>/stop/
    /<region:region>/people/<int:pk>/deactivate/

GET  302 404 404 403 403 403 302 302
POST 302 404 404 403 403 403 302 302
    /<region:region>/access-keys/<key_id:key_id>/enable/

GET  302 200 200 200 200 200 302 302
POST 302 200 200 200 200 200 302 302
    /<region:region>/access-keys/create/

GET  302 404 200 200 200 200 302 302
POST 302 405 405 405 405 405 302 302
    /<region:region>/images/<image_id:image_id>/
    /<region:region>/images/<image_id:image_id>/menu/

GET  302 404 403 403 403 200 302 302
POST 302 404 403 403 403 422 302 302
    /<region:region>/images/<image_id:image_id>/cancel/
    /<region:region>/images/<image_id:image_id>/copy/
    /<region:region>/images/<image_id:image_id>/delete/
    /<region:region>/images/<image_id:image_id>/edit/

GET  302 404 403 200 200 200 302 302
POST 302 405 405 405 405 405 302 302
    /<region:region>/images/<image_id:image_id>/recipients.csv

GET  302 404 404 403 200 200 302 302
POST 302 404 404 403 303 303 302 302
    /<region:region>/images/<image_id:image_id>/restore/<int:event>/

GET  302 404 403 403 200 200 302 302
POST 302 404 403 403 422 422 302 302
    /<region:region>/images/<image_id:image_id>/share/
    /<region:region>/images/<image_id:image_id>/unshare/

GET  302 302 302 302 302 302 302 302
POST 302 404 403 403 200 200 302 302
    /<region:region>/images/<image_id:image_id>/share/check/
    /<region:region>/images/<image_id:image_id>/unshare/choose/

GET  302 302 302 302 302 302 302 302
POST 302 404 403 403 404 404 302 302
    /<region:region>/images/<image_id:image_id>/share/take/

GET  302 404 404 404 404 404 302 302
POST 302 405 405 405 405 405 302 302
    /<region:region>/images/choose/

GET  302 200 200 403 403 200 302 302
POST 302 422 422 403 403 422 302 302
    /<region:region>/images/create/
    /<region:region>/instances/create/
    /<region:region>/people/add/

GET  302 302 302 403 403 302 302 302
POST 302 302 302 403 403 302 302 302
    /<region:region>/images/delete/

GET  302 405 405 405 405 405 302 302
POST 302 303 303 303 303 303 302 302
    /<region:region>/inbox/seen/
    /<region:region>/profile/sign-out-elsewhere/

GET  302 404 404 200 200 200 302 302
POST 302 405 405 405 405 405 302 302
    /<region:region>/instances/<instance_id:instance_id>/
    /<region:region>/instances/<instance_id:instance_id>/menu/
    /<region:region>/people/<int:pk>/

GET  302 404 404 403 403 200 302 302
POST 302 404 404 403 403 422 302 302
    /<region:region>/instances/<instance_id:instance_id>/reinstall/
    /<region:region>/instances/<instance_id:instance_id>/start/
    /<region:region>/people/<int:pk>/reactivate/
    /<region:region>/people/<int:pk>/role/

GET  302 404 404 403 403 200 302 302
POST 302 404 404 403 403 200 302 302
    /<region:region>/people/<int:pk>/invite/

GET  302 200 200 200 200 200 302 302
POST 302 422 422 422 422 422 302 302
    /<region:region>/profile/password/

GET  302 200 200 200 200 200 302 302
POST 302 303 303 303 303 303 302 302
    /<region:region>/time-zone/

GET  302 302 302 302 302 302 302 302
POST 302 307 307 307 307 307 302 302
    /access-keys/
    /access-keys/<path:rest>
    /activity/
    /activity/<path:rest>
    /inbox/
    /inbox/<path:rest>

GET  200 200 200 200 200 200 200 200
POST 405 405 405 405 405 405 405 405
    /readyz

GET  410 410 410 410 410 410 410 410
POST 410 410 410 410 410 410 410 410
    /invitation/<uidb64>/<token>/

GET  405 405 405 405 405 405 405 405
POST 302 302 302 302 302 302 302 302
    /language/
    /sign-out/

GET  302 200 200 200 200 200 200 200
POST 302 422 422 422 422 422 422 422
    /new-password/

GET  200 200 200 200 200 200 200 200
POST 422 422 422 422 422 422 422 422
    /sign-in/

GET  404 404 404 404 404 404 404 404
POST 405 405 405 405 405 405 405 405
    /sign-in/sso/
    /sign-in/sso/callback/

GET  405 405 405 405 405 405 405 405
POST 404 404 404 404 404 404 404 404
    /sign-in/sso/logout/

GET  302 403 403 403 403 403 200 200
POST 302 403 403 403 403 403 405 405
    /styleguide/

GET  302 403 403 403 403 403 200 200
POST 302 403 403 403 403 403 422 422
    /styleguide/dialog/

GET  302 405 405 405 405 405 405 405
POST 302 403 403 403 403 403 303 303
    /view-as/<key_id:account_id>/

GET  302 405 405 405 405 405 405 405
POST 302 302 302 302 302 302 302 302
    /view-as/stop/

GET  302 302 302 302 302 302 200 200
POST 302 302 302 302 302 302 200 200
    /admin/
    /admin/accounts/accesskey/
    /admin/accounts/account/
    /admin/accounts/auditevent/
    /admin/accounts/auditevent/export/csv/
    /admin/accounts/auditevent/export/jsonl/
    /admin/accounts/identity/
    /admin/accounts/server/
    /admin/accounts/user/
    /admin/images/image/
    /admin/images/instance/
    /admin/images/region/
    /admin/images/sharegrant/

GET  302 302 302 302 302 302 200 200
POST 302 302 302 302 302 302 403 403
    /admin/accounts/accesskey/<path:object_id>/change/
    /admin/accounts/auditevent/<path:object_id>/change/
    /admin/accounts/identity/<path:object_id>/change/
    /admin/accounts/server/<path:object_id>/change/
    /admin/images/image/<path:object_id>/change/
    /admin/images/instance/<path:object_id>/change/
    /admin/images/sharegrant/<path:object_id>/change/

GET  302 302 302 302 302 302 403 403
POST 302 302 302 302 302 302 403 403
    /admin/accounts/accesskey/<path:object_id>/delete/
    /admin/accounts/accesskey/add/
    /admin/accounts/auditevent/<path:object_id>/delete/
    /admin/accounts/auditevent/add/
    /admin/accounts/server/<path:object_id>/delete/
    /admin/accounts/server/add/
    /admin/images/instance/<path:object_id>/delete/
    /admin/images/instance/add/
    /admin/images/sharegrant/<path:object_id>/delete/
    /admin/images/sharegrant/add/

GET  302 302 302 302 302 302 200 200
POST 302 302 302 302 302 302 403 422
    /admin/accounts/account/<path:object_id>/change/
    /admin/accounts/user/<path:object_id>/change/
    /admin/images/region/<path:object_id>/change/

GET  302 302 302 302 302 302 403 200
POST 302 302 302 302 302 302 403 200
    /admin/accounts/identity/<path:object_id>/delete/
    /admin/accounts/user/<path:object_id>/delete/
    /admin/accounts/user/<path:object_id>/invite/

GET  302 302 302 302 302 302 404 404
POST 302 302 302 302 302 302 404 404
    /admin/accounts/account/<path:object_id>/closing/<int:event>/
    /admin/r/<path:content_type_id>/<path:object_id>/

GET  302 302 302 302 302 302 403 302
POST 302 302 302 302 302 302 403 302
    /admin/accounts/account/<path:object_id>/delete/
    /admin/accounts/account/<path:object_id>/reopen/
    /admin/images/image/<path:object_id>/delete/
    /admin/images/region/<path:object_id>/delete/

GET  302 302 302 302 302 302 403 200
POST 302 302 302 302 302 302 403 422
    /admin/accounts/account/<path:object_id>/close/
    /admin/accounts/account/add/
    /admin/accounts/account/import/
    /admin/accounts/identity/add/
    /admin/accounts/user/<id>/password/
    /admin/accounts/user/add/
    /admin/images/image/add/
    /admin/images/image/<path:object_id>/share/
    /admin/images/region/add/

GET  302 302 302 302 302 302 403 403
POST 302 302 302 302 302 302 405 405
    /admin/autocomplete/

GET  302 302 302 302 302 302 403 200
POST 302 302 302 302 302 302 403 302
    /admin/images/sharegrant/undo/<int:event>/

GET  302 302 302 302 302 302 200 200
POST 302 302 302 302 302 302 405 405
    /admin/jsi18n/
    /admin/password_change/done/

GET  302 403 403 403 403 403 302 302
POST 302 403 403 403 403 403 302 302
    /admin/login/

GET  302 302 302 302 302 302 405 405
POST 302 302 302 302 302 302 302 302
    /admin/logout/
"""


def read_table() -> dict[str, dict[str, list[int]]]:
    """Return the statuses by method for each route."""
    rows: dict[str, dict[str, list[int]]] = {}
    statuses: dict[str, list[int]] = {}
    for line in TABLE.splitlines():
        word, *numbers = line.split() or [""]
        if word in {"GET", "POST"}:
            statuses = {**statuses, word: [int(number) for number in numbers]}
        elif word.startswith("/"):
            rows[word[1:]] = statuses
    return rows
