"""The cheapest pages there can be, behind the same web server and the same middleware."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import format_html_join

from accounts.models import Account


@login_not_required
def empty(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>Empty</title>")


@login_not_required
def rows(_request: HttpRequest) -> HttpResponse:
    """Return a bare table of 20 rows of the database."""
    accounts = Account.objects.order_by("pk").values_list("account_id", "name", "uc_account")[:20]
    cells = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", accounts)
    return HttpResponse(f"<!doctype html><title>Rows</title><table>{cells}</table>")


urlpatterns = [
    path("floor/empty/", empty),
    path("floor/rows/", rows),
    path("", include("console.urls")),
]
