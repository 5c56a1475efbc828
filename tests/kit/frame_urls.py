"""The names that the frame of a page links to, each with an address of its own."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest, **_: str) -> HttpResponse:
    return HttpResponse()


def _named(namespace: str, *names: str):
    return include(
        ([path(f"{namespace}-{name}/", nothing, name=name) for name in names], namespace)
    )


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("o/<str:organisation>/", _named("licensing", "dashboard")),
    path("o/<str:organisation>/", _named("billing", "orders", "documents")),
    path("o/<str:organisation>/", _named("accounts", "members", "settings")),
]
