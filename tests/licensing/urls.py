"""The licence pages, and stand-ins for the pages that they lead to."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.accounts.urls import organisation_urls, person_urls


def page(request: HttpRequest, **ids: str) -> HttpResponse:
    return HttpResponse("a page of another app")


billing_urls = [
    path("orders/", page, name="orders"),
    path("orders/<str:order>/", page, name="order"),
    path("orders/<str:order>/review/", page, name="review"),
    path("documents/", page, name="documents"),
]
urlpatterns = [
    path("", page, name="prices"),
    *person_urls,
    path("o/<str:organisation>/", include("licensing.urls")),
    path("o/<str:organisation>/", include((organisation_urls, "accounts"))),
    path("o/<str:organisation>/", include((billing_urls, "billing"))),
    path("help/", include("portal.help.urls")),
    path("accounts/", include("allauth.urls")),
]
