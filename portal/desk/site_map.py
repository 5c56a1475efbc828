"""The staff area's map as data: which pages there are, and who may see each."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the sidebar."""

    title: Promise
    icon: str
    url_name: str
    permission: str


def _list(title: Promise, icon: str, model: str) -> Entry:
    app, name = model.split(".")
    return Entry(title, icon, f"admin:{app}_{name}_changelist", f"{app}.view_{name}")


GROUPS: Final[tuple[tuple[Promise, tuple[Entry, ...]], ...]] = (
    (
        _("Licence desk"),
        (
            _list(_("Key requests"), "key", "licensing.keyrequest"),
            _list(_("Licences"), "verified", "licensing.licence"),
            _list(_("Agreements"), "handshake", "licensing.agreement"),
            _list(_("Seat ledger"), "event_seat", "licensing.seatledgerentry"),
        ),
    ),
    (
        _("Customers"),
        (
            Entry(_("Find a customer"), "search", "admin:customers", "accounts.view_organisation"),
            _list(_("Organisations"), "apartment", "accounts.organisation"),
            _list(_("People"), "person", "accounts.user"),
            _list(_("Mails"), "mail", "notifications.mail"),
        ),
    ),
    (
        _("Sales"),
        (
            _list(_("Orders"), "shopping_cart", "billing.order"),
            _list(_("Terms of credit"), "credit_score", "billing.creditterms"),
        ),
    ),
    (
        _("Finance"),
        (
            _list(_("Tasks"), "task_alt", "billing.financetask"),
            _list(_("Documents"), "description", "billing.document"),
            _list(_("Payments"), "payments", "billing.payment"),
            _list(_("Refunds"), "undo", "billing.refund"),
            _list(_("Ledger"), "menu_book", "billing.ledgerentry"),
            _list(_("Online payments"), "credit_card", "billing.checkoutattempt"),
            _list(_("Stripe events"), "webhook", "billing.stripeevent"),
        ),
    ),
    (
        _("Price list"),
        (
            _list(_("Products"), "inventory_2", "licensing.product"),
            _list(_("Prices"), "sell", "billing.price"),
            _list(_("Support plans"), "support_agent", "billing.supportplan"),
            _list(_("Terms"), "gavel", "billing.termsversion"),
            _list(_("Tax rules"), "percent", "billing.taxrule"),
            _list(_("Exchange rates"), "currency_exchange", "billing.exchangerate"),
        ),
    ),
    (
        _("Settings"),
        (
            _list(_("Vendor"), "store", "vendor.vendorprofile"),
            _list(_("Groups"), "group", "auth.group"),
            _list(_("Audit log"), "history", "audit.auditevent"),
        ),
    ),
)
