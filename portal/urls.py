"""Every URL of the portal."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from billing import urls as billing_urls
from portal.kit.styleguide import styleguide

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("help/", include("portal.help.urls")),
    path("styleguide/", styleguide, name="styleguide"),
    path("", include(billing_urls.public_urls)),
    path("pay/<str:token>/", include((billing_urls.pay_urls, "pay"))),
    path("o/<str:organisation>/", include((billing_urls.organisation_urls, "billing"))),
    path("webhooks/stripe/", include("billing.webhooks.urls")),
]
