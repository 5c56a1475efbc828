"""The demo's vendor and catalogue as data, to be read in one go. Amounts are minor units.

The prices are examples; the rules about them are the product's.
"""

from datetime import date, time

VENDOR = {
    "legal_name": "Northwind Software Ltd",
    "address_lines": "1 Canal Street\nManchester M1 3HE",
    "country": "GB",
    "vat_number": "GB980780684",
    "company_number": "01234567",
    "website": "https://northwind.example",
    "sales_email": "sales@northwind.example",
    "support_email": "support@northwind.example",
    "licence_desk_email": "licences@northwind.example",
    "finance_email": "finance@northwind.example",
    "currency": "GBP",
    "time_zone": "Europe/London",
    "opens_at": time(9, 0),
    "closes_at": time(17, 30),
    "holiday_country": "GB",
    "holiday_subdivision": "ENG",
}

BANK_ACCOUNTS = {
    "GBP": {
        "iban": "GB33BUKB20201555555555",
        "bic": "BUKBGB22",
        "sort_code": "20-20-15",
        "account_number": "55555555",
    },
    "EUR": {"iban": "GB94BARC10201530093459", "bic": "BARCGB22"},
    "USD": {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"},
}

PRODUCTS = {
    "distribution-engine": {
        "name": "Distribution Engine",
        "summary": "Gives each lead and case to the right person, at once and fairly.",
        "description": (
            "Every rep or agent on a team needs a licence, and so does anybody who configures "
            "the tool or views its data. One person, one licence, whatever they do; the rest of "
            "the company needs none."
        ),
        "metric": "seat",
        "term_kind": "annual",
        "minimum_quantity": 5,
        "businesses_only": True,
        "on_sale": True,
        "install_step": (
            "In Distribution Engine open Settings, then Licence, paste the key and choose "
            "Register. Or choose Load file and pick the .lic file."
        ),
    },
    "amphis-customer": {
        "name": "Amphis Customer",
        "summary": "Customer records and documents on your own PCs.",
        "description": (
            "One licence for each user on each device where that user runs the software. "
            "There is no minimum and no end date."
        ),
        "metric": "user_device",
        "term_kind": "perpetual",
        "minimum_quantity": 1,
        "businesses_only": False,
        "on_sale": False,
        "install_step": "Choose Register License in the program and paste the licence string.",
    },
}

PRICES_FROM = date(2026, 1, 1)
# product → tier basis, and for each currency (from quantity, unit price).
PRICES = {
    "distribution-engine": (
        "holding",
        {
            "GBP": ((5, 12000), (25, 10800), (100, 9600)),
            "EUR": ((5, 14000), (25, 12600), (100, 11200)),
            "USD": ((5, 15500), (25, 13900), (100, 12400)),
        },
    ),
    "amphis-customer": (
        "order",
        {
            "GBP": ((1, 14900), (5, 13400), (10, 11900)),
            "EUR": ((1, 17500), (5, 15700), (10, 13900)),
            "USD": ((1, 18900), (5, 17000), (10, 15100)),
        },
    ),
}

# 20 % of the licence fee, never per user; standard support costs nothing and needs no row.
SUPPORT_PLANS = {
    "distribution-engine": {
        "code": "premier",
        "name": "Premier support",
        "summary": "An answer within two working hours and a named engineer.",
        "basis_points": 2000,
    }
}

OUTSIDE_SCOPE = (
    "Outside the scope of UK VAT. Where VAT is due in the customer’s country, the customer "
    "accounts for it (reverse charge)."
)
TAX_RULES = (
    {"customer_country": "GB", "customer_kind": "business", "rate_basis_points": 2000},
    {"customer_country": "GB", "customer_kind": "private", "rate_basis_points": 2000},
    {
        "customer_country": "",
        "customer_kind": "business",
        "rate_basis_points": 0,
        "category": "O",
        "needs_evidence": True,
        "note": OUTSIDE_SCOPE,
    },
)
TAX_RULES_FROM = date(2011, 1, 4)

# Version, and the paragraphs of the text.
TERMS = {
    "distribution-engine": (
        "2026-01",
        [
            (
                "1. What you buy. The right for the number of named people on your order to use "
                "Distribution Engine for one year. You may give a licence to another person at "
                "any time."
            ),
            (
                "2. Term. A licence year starts on the date on your order and is renewed only by "
                "you."
            ),
            (
                "3. More licences. Licences added during the year are charged to the end of that "
                "year and renew with the rest."
            ),
            (
                "4. Support. Premier support is chosen with the yearly package and covers all "
                "licences."
            ),
            (
                "5. Payment. Fees are due in advance, or within the days on the invoice where we "
                "agreed that you buy on account."
            ),
            "6. These terms are the same for every customer.",
        ],
    ),
    "amphis-customer": (
        "2026-01",
        [
            "1. One licence is for one user on one device.",
            "2. It has no end date.",
            "3. It may be moved to a new device when the old one no longer runs the software.",
        ],
    ),
}

# Units of the vendor's currency for one unit, as the vendor's finance team would enter them.
EXCHANGE_RATES = {"EUR": "0.86500000", "USD": "0.76400000"}
