"""What people do, in their words; each step ends where the person sees that it worked."""

import base64
import hmac
import re
import time

from playwright.sync_api import Page, expect

from tests.e2e.live import LivePortal

PASSWORD = "seven quiet lamps 4711"
DEMO_PASSWORD = "licence-demo-2026"
CARD_3DS = "4000 0000 0000 3220"


def sign_up(page: Page, portal: LivePortal, *, email: str, company: str) -> None:
    """A stranger makes an account with a UK company, and proves the address by code."""
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill("Nora Fielding")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Business").check()
    page.get_by_label("Legal name").fill(company)
    page.get_by_label("Country").select_option("GB")
    page.get_by_role("button", name="Create the account").click()
    code = code_from(portal.wait_for_mail(to=email, containing="code"))
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name=re.compile("Confirm|Continue")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/o/" in page.url


def code_from(mail: str) -> str:
    """Return the code that stands on a line of its own in a mail."""
    found = re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", mail, re.MULTILINE)
    assert found is not None, mail
    return found.group(1)


def sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label(re.compile("E-?mail", re.IGNORECASE)).first.fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def fill_in_address(page: Page) -> None:
    page.get_by_role("link", name="Settings").first.click()
    page.get_by_label("Address", exact=True).fill("5 Market Square")
    page.get_by_label("Town or city").fill("Leeds")
    page.get_by_label("Postcode").fill("LS1 1AA")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("saved", exact=False).first).to_be_visible()


def choose_seats(page: Page, *, seats: int, premier: bool) -> None:
    """From the price page to the buy page of the organisation, the way a buyer goes."""
    page.goto("/")
    page.get_by_label("How many licences").fill(str(seats))
    page.get_by_role("button", name="See the total").click()
    if premier:
        page.get_by_label("Premier support").check()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url("**/o/**/buy/**")


def place_order(page: Page, *, pay_by: str, purchase_order: str = "") -> None:
    page.get_by_label(pay_by).check()
    if purchase_order:
        page.get_by_label("Purchase order number").fill(purchase_order)
    page.get_by_label("I accept the standard terms").check()
    page.get_by_role("button", name="Place the order").click()


def pay_by_card_with_3ds(page: Page) -> None:
    """On Stripe's page: the card, then the bank's own question."""
    page.get_by_label("Email").fill("nora@customer.example")
    page.get_by_label("Card number").fill(CARD_3DS)
    page.get_by_label("Expiry date (MM / YY)").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Nora Fielding")
    page.get_by_role("button", name=re.compile("^Pay")).click()
    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url("**/orders/**")


def confirm_identity(page: Page, password: str = DEMO_PASSWORD) -> None:
    """Type the password once more, where a page asks who it is."""
    if "/reauthenticate/" not in page.url:
        return
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def set_up_authenticator_app(page: Page) -> str:
    """Turn the second factor on, as an authenticator app would, and return the app's secret."""
    page.goto("/accounts/2fa/totp/activate/")
    confirm_identity(page)
    secret = page.get_by_label("Secret").input_value()
    page.get_by_label(re.compile("code", re.IGNORECASE)).fill(totp_code(secret, at=time.time()))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url("**/recovery-codes/**")
    return secret


def totp_code(secret: str, *, at: float) -> str:
    """Return the six digits that an authenticator app shows at a time (RFC 6238)."""
    counter = (int(at) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def choose_separately(page: Page, portal: LivePortal, *, label: str, seats: int = 12) -> None:
    """An owner of the demo's first company chooses seats for an agreement of their own name."""
    home = home_of(portal, "Harbour Logistics Ltd")
    page.goto(f"{home}buy/distribution-engine/?separate=1&quantity={seats}")
    page.get_by_label("Name of the separate agreement").fill(label)
    page.get_by_role("button", name="Continue to the review").click()
    page.wait_for_url("**/review/")


def home_of(portal: LivePortal, company: str) -> str:
    found = portal.rows(
        f"SELECT public_id FROM accounts_organisation WHERE legal_name = '{company}'"
    )
    return f"/o/{found[0][0]}/"


def pay_by_card(page: Page, *, number: str) -> None:
    """On Stripe's page: a card, to the answer."""
    page.get_by_label("Email").fill("payer@customer.example")
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry date (MM / YY)").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Olivia Grant")
    page.get_by_role("button", name=re.compile("^Pay")).click()


def pay_by_bank_debit(page: Page) -> None:
    """On Stripe's page: a debit, which the bank pays days later."""
    page.get_by_label("Email").fill("payer@customer.example")
    page.get_by_label("Bank debit (pays later)").check()
    page.get_by_role("button", name=re.compile("^Pay")).click()
    page.wait_for_url("**/orders/**")


def sign_out(page: Page) -> None:
    page.goto("/")
    page.locator("summary", has_text="Account").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()


def next_totp_code(secret: str) -> str:
    """Return the app's next code: the present one may have been used, and counts once."""
    return totp_code(secret, at=time.time() + 30)
