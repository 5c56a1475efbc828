"""Every URL of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from billing import urls as billing_urls
from licensing import urls as licensing_urls
from portal.accounts import urls as accounts_urls
from portal.accounts.admin_login import secure_admin
from portal.health import healthz, readyz
from portal.kit.styleguide import styleguide

secure_admin(admin.site)

organisation_urls: list[URLPattern | URLResolver] = [
    path("", include((licensing_urls.urlpatterns, "licensing"))),
    path("", include((billing_urls.organisation_urls, "billing"))),
    path("", include((accounts_urls.organisation_urls, "accounts"))),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(billing_urls.public_urls)),
    path("help/", include("portal.help.urls")),
    # Before /o/<organisation>/, so that "new" is not taken for one, and before the library's own
    # list of sessions.
    *accounts_urls.person_urls,
    path("accounts/", include("allauth.urls")),
    path("o/<str:organisation>/", include(organisation_urls)),
    path("pay/<str:token>/", include((billing_urls.pay_urls, "pay"))),
    path("admin/", admin.site.urls),
    path("hijack/", include((accounts_urls.acting_urls, "hijack"))),
    path("webhooks/stripe/", include("billing.webhooks.urls")),
    path("healthz/", healthz, name="healthz"),
    path("readyz/", readyz, name="readyz"),
    path(
        "favicon.ico",
        RedirectView.as_view(url=settings.STATIC_URL + "img/favicon.svg"),
        name="favicon",
    ),
]
if settings.DEMO:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
