"""The four groups of staff, as data: exactly what each may see and do."""

from typing import Any, Final

from django.contrib.auth.models import Group, Permission

# What everybody at a desk sees of a customer.
CUSTOMERS: Final = (
    "accounts.view_organisation",
    "accounts.view_user",
    "accounts.view_membership",
    "accounts.view_invitation",
    "accounts.view_billingcontact",
    "accounts.view_taxnumbercheck",
    "audit.view_auditevent",
    "notifications.view_mail",
)
LICENCES: Final = (
    "licensing.view_product",
    "licensing.view_agreement",
    "licensing.view_term",
    "licensing.view_seatledgerentry",
    "licensing.view_keyrequest",
    "licensing.view_licence",
)
ORDERS: Final = (
    "billing.view_order",
    "billing.view_orderline",
    "billing.view_document",
    "billing.view_documentline",
    "billing.view_payment",
    "billing.view_checkoutattempt",
    "billing.view_creditterms",
)
PRICE_LIST: Final = (
    "billing.view_price",
    "billing.view_pricetier",
    "billing.view_supportplan",
    "billing.view_termsversion",
    "billing.view_taxrule",
    "billing.view_exchangerate",
)
BOOKS: Final = (
    "billing.view_refund",
    "billing.view_ledgerentry",
    "billing.view_financetask",
    "billing.view_stripeevent",
    "vendor.view_vendorprofile",
    "vendor.view_bankaccount",
)

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Licence desk": (
        *CUSTOMERS,
        *LICENCES,
        *ORDERS,
        "licensing.issue_key",
        "licensing.control_licence",
        "notifications.resend_mail",
    ),
    "Sales": (
        *CUSTOMERS,
        *LICENCES,
        *ORDERS,
        *PRICE_LIST,
        "billing.add_price",
        "billing.change_price",
        "billing.add_supportplan",
        "billing.change_supportplan",
        "billing.add_termsversion",
        "billing.change_termsversion",
        "billing.add_creditterms",
        "billing.change_creditterms",
        "billing.approve_order",
        "billing.cancel_order",
    ),
    "Finance": (
        *CUSTOMERS,
        *LICENCES,
        *ORDERS,
        *PRICE_LIST,
        *BOOKS,
        "accounts.change_organisation",
        "accounts.check_tax_number",
        "billing.add_taxrule",
        "billing.change_taxrule",
        "billing.add_exchangerate",
        "billing.change_exchangerate",
        "billing.add_creditterms",
        "billing.change_creditterms",
        "billing.approve_order",
        "billing.cancel_order",
        "billing.record_transfer",
        "billing.refund",
        "billing.settle_task",
        "billing.ask_stripe",
        "billing.export_books",
        "notifications.resend_mail",
    ),
    "Support": (
        *CUSTOMERS,
        *LICENCES,
        *ORDERS,
        "accounts.act_as_customer",
        "accounts.change_organisation",
        "notifications.resend_mail",
    ),
}


def write_groups(groups: type[Any] = Group, permissions: type[Any] = Permission) -> None:
    """Make the groups, with these permissions and no others; a migration passes its own models."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permissions.objects.select_related("content_type")
    }
    for name, granted in GROUPS.items():
        group, _made = groups.objects.get_or_create(name=name)
        group.permissions.set([known[permission] for permission in granted])
