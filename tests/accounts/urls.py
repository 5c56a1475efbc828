"""The accounts' URLs with stand-ins for the pages that they lead to."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.accounts.access import MemberRequest, for_members
from portal.accounts.permissions import Permission
from portal.accounts.urls import acting_urls, organisation_urls, person_urls


@for_members(Permission.SEE_AGREEMENTS)
def dashboard(request: MemberRequest) -> HttpResponse:
    return HttpResponse(f"<body>{request.organisation.legal_name}</body>")


def prices(request: HttpRequest) -> HttpResponse:
    return HttpResponse("prices")


urlpatterns = [
    path("", prices, name="prices"),
    *person_urls,
    path("o/<str:organisation>/", include(([path("", dashboard, name="dashboard")], "licensing"))),
    path("o/<str:organisation>/", include((organisation_urls, "accounts"))),
    path("hijack/", include((acting_urls, "hijack"))),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
