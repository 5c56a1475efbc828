"""The demo's people and companies as data, to be read in one go."""

from dataclasses import dataclass, field

PASSWORD = "licence-demo-2026"  # noqa: S105 (the demo's own, printed at its start)

# E-mail → name and group; the first may do everything.
STAFF = {
    "admin@northwind.example": ("Alex Whitfield", None),
    "desk@northwind.example": ("Dana Okafor", "Licence desk"),
    "sales@northwind.example": ("Sam Iyer", "Sales"),
    "finance@northwind.example": ("Finn Marlow", "Finance"),
    "support@northwind.example": ("Sue Lindqvist", "Support"),
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase of the seat product: when, how many, how paid, and how far it came."""

    days_ago: int
    seats: int
    premier: bool = False
    pay_by: str = "transfer"
    paid: bool = False
    issued: bool = False


@dataclass(frozen=True, slots=True)
class Company:
    """A customer with its people (e-mail, name, role) and what it bought."""

    name: str
    country: str
    currency: str
    time_zone: str
    address: tuple[str, str, str]
    people: tuple[tuple[str, str, str], ...]
    vat_number: str = ""
    credit_limit: int | None = None
    billing_mailbox: str = ""
    purchases: tuple[Purchase, ...] = field(default=())


COMPANIES = (
    Company(
        name="Harbour Logistics Ltd",
        country="GB",
        currency="GBP",
        time_zone="Europe/London",
        address=("14 Dock Road", "Liverpool", "L3 4BX"),
        vat_number="GB339402167",
        people=(
            ("owner@harbour.example", "Olivia Grant", "owner"),
            ("clerk@harbour.example", "Carl Benson", "billing"),
            ("manager@harbour.example", "Maya Flint", "licence_manager"),
            ("member@harbour.example", "Marc Tully", "member"),
        ),
        credit_limit=1_000_000,
        billing_mailbox="accounts@harbour.example",
        purchases=(Purchase(days_ago=150, seats=12, premier=True, paid=True, issued=True),),
    ),
    Company(
        name="Bergmann Vertrieb GmbH",
        country="DE",
        currency="EUR",
        time_zone="Europe/Berlin",
        address=("Hafenstraße 21", "Hamburg", "20457"),
        vat_number="DE136695976",
        people=(("einkauf@bergmann.example", "Jana Bergmann", "owner"),),
        purchases=(Purchase(days_ago=2, seats=30, premier=True),),
    ),
    Company(
        name="Castel et Fils SARL",
        country="FR",
        currency="EUR",
        time_zone="Europe/Paris",
        address=("8 rue du Port", "Nantes", "44000"),
        vat_number="FR40303265045",
        people=(("achats@castel.example", "Luc Castel", "owner"),),
        purchases=(Purchase(days_ago=1, seats=8, paid=True),),
    ),
    Company(
        name="Prairie Field Services Inc",
        country="US",
        currency="USD",
        time_zone="America/Chicago",
        address=("200 Grain Exchange", "Omaha", "68102"),
        vat_number="91-1144442",
        people=(("ops@prairie.example", "Pat Nolan", "owner"),),
        purchases=(Purchase(days_ago=60, seats=110, premier=True, paid=True, issued=True),),
    ),
    Company(
        name="Lakeland Insurance Brokers Ltd",
        country="GB",
        currency="GBP",
        time_zone="Europe/London",
        address=("3 Station Precinct", "Kendal", "LA9 6RP"),
        people=(("office@lakeland.example", "Lena Ward", "owner"),),
        credit_limit=500_000,
        purchases=(Purchase(days_ago=3, seats=24, pay_by="on_account"),),
    ),
    Company(
        name="Fenwick and Moss LLP",
        country="GB",
        currency="GBP",
        time_zone="Europe/London",
        address=("77 Chancery Row", "London", "WC2A 1AB"),
        people=(("partners@fenwick.example", "Imogen Moss", "owner"),),
        credit_limit=300_000,
        purchases=(Purchase(days_ago=45, seats=6, pay_by="on_account", issued=True),),
    ),
)

# An outside accountant, who is a member of two companies and switches between them.
BOOKKEEPER = ("books@ledgerline.example", "Aoife Brennan")
BOOKKEEPER_OF = ("Harbour Logistics Ltd", "Lakeland Insurance Brokers Ltd")
