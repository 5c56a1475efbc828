"""The admin site as a whole: entered through the portal's sign-in, with the desk's own pages."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from portal.accounts.admin_login import secure_admin
from portal.desk import customers


def furnish(site: AdminSite) -> None:
    """Give the site its sign-in and its further pages, `admin:customers` and `admin:customer`."""
    secure_admin(site)

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
