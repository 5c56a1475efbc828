"""The staff area's look and its hooks; the colours are those of the portal's own tokens."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _stylesheet(request: object) -> str:
    return static("css/desk.css")


def _icon(request: object) -> str:
    return static("img/favicon.svg")


# Who acts, for the audit log of the admin's own forms.
STAFF_ACTOR = "portal.accounts.access.actor_of"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Licence desk"),
    "SITE_HEADER": _("Licence portal"),
    "SITE_SUBHEADER": _("Staff"),
    "SITE_SYMBOL": "verified_user",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "5px",
    "STYLES": [_stylesheet],
    "DASHBOARD_CALLBACK": "portal.desk.home.home_context",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "portal.desk.navigation.sidebar",
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Password"), "link": reverse_lazy("account_change_password")},
            {"title": _("Second factor"), "link": reverse_lazy("mfa_index")},
        ]
    },
    "COLORS": {
        # Between the portal's sunken, muted and ink tones.
        "base": {
            "50": "#f6f7f5",
            "100": "#eef1ee",
            "200": "#d8deda",
            "300": "#c0c9c4",
            "400": "#9aa69f",
            "500": "#5d6963",
            "600": "#4d5954",
            "700": "#36413c",
            "800": "#26302c",
            "900": "#171d1b",
            "950": "#101513",
        },
        # 600 is the portal's accent on light, 500 the one on dark.
        "primary": {
            "50": "#eff7f4",
            "100": "#e4f0ec",
            "200": "#bfdfd4",
            "300": "#a0e3cf",
            "400": "#7ad1b8",
            "500": "#5cc0a5",
            "600": "#0b5b4c",
            "700": "#07443a",
            "800": "#14322a",
            "900": "#0d2a23",
            "950": "#06231c",
        },
    },
}
