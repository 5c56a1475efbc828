"""The portal's URLs, and a bare Django view with one indexed query."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from licensing.models import Product
from portal.urls import urlpatterns as portal_urls


def bare(request: HttpRequest) -> HttpResponse:
    name = Product.objects.values_list("name", flat=True).get(slug="distribution-engine")
    return HttpResponse(name)


urlpatterns = [path("bare/", bare), *portal_urls]
