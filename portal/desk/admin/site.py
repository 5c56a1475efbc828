"""The admin site's further pages, which span licensing and billing."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from portal.desk import customers


def furnish(site: AdminSite) -> None:
    """Give the site its further pages: `admin:customers` and `admin:customer`."""

    def extra_urls() -> list[URLPattern]:
        """Unfold asks for these before it adds its own."""
        return [
            path("customers/", site.admin_view(customers.customers), name="customers"),
            path(
                "customers/<slug:organisation>/",
                site.admin_view(customers.customer),
                name="customer",
            ),
        ]

    site.extra_urls = extra_urls  # type: ignore[attr-defined]
