"""What people do to pages: keyboard, no JavaScript, double clicks, old tabs, failed payments."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import steps
from tests.e2e.conftest import People
from tests.e2e.live import LivePortal

pytestmark = pytest.mark.usefixtures("books_hold")

CARD = "4242 4242 4242 4242"
CARD_DECLINED = "4000 0000 0000 0002"
BANK_TRANSFER = "Bank transfer"
ONLINE = "Card or other online payment"


@pytest.fixture
def owner(people: People) -> Page:
    """An owner of a company, signed in."""
    page = people.someone()
    steps.sign_in(page, "owner@harbour.example")
    return page


def orders_of(portal: LivePortal, label: str) -> list[str]:
    """Return the states of the placed orders for an agreement's name."""
    rows = portal.rows(
        f"SELECT status FROM billing_order WHERE label = '{label}' AND status <> 'draft'"
    )
    return [str(status) for (status,) in rows]


def keys_asked_for(portal: LivePortal, label: str) -> int:
    count = portal.rows(
        "SELECT count(*) FROM licensing_keyrequest r JOIN licensing_agreement a"
        f" ON a.id = r.agreement_id WHERE a.label = '{label}'"
    )
    return int(count[0][0])


def session_of(portal: LivePortal, label: str) -> str:
    """Return Stripe's id of the newest payment page of an order."""
    rows = portal.rows(
        "SELECT c.session_id FROM billing_checkoutattempt c JOIN billing_order o"
        f" ON o.id = c.order_id WHERE o.label = '{label}' ORDER BY c.id DESC"
    )
    return str(rows[0][0])


def reload_until(page: Page, text: str) -> None:
    """Look at the page again, as a person would, until it says so."""
    for _ in range(20):
        page.reload()
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(250)
    expect(page.get_by_text(text).first).to_be_visible()


# --- choosing ---------------------------------------------------------------------------------


def test_given_no_javascript_when_buying_by_transfer_then_the_order_is_placed(
    people: People, portal: LivePortal
) -> None:
    buyer = people.someone(javascript=False)
    steps.sign_in(buyer, "owner@harbour.example")
    home = steps.home_of(portal, "Harbour Logistics Ltd")
    buyer.goto(f"{home}buy/distribution-engine/?separate=1&quantity=12")
    buyer.get_by_label("How many licences").fill("24")
    buyer.get_by_label("Premier support").check()
    buyer.get_by_label("Name of the separate agreement").fill("No script")
    buyer.get_by_role("button", name="Update the total").click()
    # 24 × £120.00 = £2,880.00; 20 % premier £576.00; VAT £691.20.
    expect(buyer.get_by_text("£4,147.20").first).to_be_visible()
    expect(buyer.get_by_role("link", name="Take 25")).to_be_visible()
    people.picture(buyer, "updated")

    buyer.get_by_role("button", name="Continue to the review").click()
    steps.place_order(buyer, pay_by=BANK_TRANSFER)

    expect(buyer.get_by_text("Awaiting payment").first).to_be_visible()
    expect(buyer.get_by_text("Sort code").first).to_be_visible()
    people.picture(buyer, "placed")
    assert orders_of(portal, "No script") == ["placed"]


def test_given_a_keyboard_alone_when_choosing_then_enter_shows_the_total(people: People) -> None:
    visitor = people.someone(width=320)
    visitor.goto("/buy/distribution-engine/")
    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("link", name="Skip to the content")).to_be_focused()
    people.picture(visitor, "skip-link")
    visitor.keyboard.press("Enter")
    expect(visitor.locator("main")).to_be_focused()
    tab_to(visitor, visitor.get_by_label("How many licences"))
    visitor.keyboard.press("Control+A")
    visitor.keyboard.type("24")
    visitor.keyboard.press("Enter")
    expect(visitor).to_have_url(re.compile(r"quantity=24"))
    expect(visitor.get_by_text("£2,880.00").first).to_be_visible()

    tab_to(visitor, visitor.get_by_role("button", name="Continue", exact=True))
    visitor.keyboard.press("Enter")

    visitor.wait_for_url("**/accounts/signup/**")
    assert "quantity%3D24" in visitor.url


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted control has the focus, and see that the focus shows."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            outline = wanted.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", "nobody can see where the focus is"
            return
    raise AssertionError(f"{wanted} cannot be reached with the Tab key")


def test_given_htmx_when_typing_then_the_total_follows_and_is_spoken(people: People) -> None:
    visitor = people.someone()
    visitor.goto("/buy/distribution-engine/?quantity=12&currency=GBP")
    expect(visitor.locator("#estimate").get_by_text("£1,440.00").first).to_be_visible()

    visitor.get_by_label("How many licences").press("End")
    visitor.keyboard.type("0")

    # 120 licences reach the tier of £96.00.
    expect(visitor.locator("#estimate").get_by_text("£11,520.00").first).to_be_visible()
    expect(visitor.locator("#estimate-status")).to_contain_text("£11,520.00")
    expect(visitor).to_have_url(re.compile("quantity=120"))
    visitor.get_by_label("How many licences").fill("4")
    refusal = "The smallest quantity is 5."
    expect(visitor.locator("#estimate-status")).to_contain_text(refusal)
    expect(visitor.get_by_label("How many licences")).to_have_accessible_description(
        re.compile(refusal)
    )
    visitor.get_by_label("How many licences").fill("5")
    expect(visitor.locator("#estimate").get_by_text("£600.00").first).to_be_visible()
    expect(visitor.get_by_label("How many licences")).to_have_accessible_description("")
    expect(visitor.get_by_label("How many licences")).not_to_have_attribute("aria-invalid", "true")
    people.picture(visitor, "followed")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("4", "The smallest quantity is 5."),
        ("0", "The smallest quantity is 5."),
        ("-1", "The smallest quantity is 5."),
        ("5.5", "Please give a whole number"),
        ("1000000000", "The largest quantity here is"),
        ("five", "Please give a number in digits"),
    ],
    ids=["below", "none", "negative", "fraction", "billion", "word"],
)
def test_given_a_bad_quantity_when_buying_then_a_sentence_says_so_and_nothing_is_stored(
    people: People, portal: LivePortal, typed: str, sentence: str
) -> None:
    buyer = people.someone()
    steps.sign_in(buyer, "owner@harbour.example")
    home = steps.home_of(portal, "Harbour Logistics Ltd")
    before = portal.rows("SELECT count(*) FROM billing_order")
    buyer.goto(f"{home}buy/distribution-engine/?separate=1&quantity=12")
    buyer.get_by_label("Name of the separate agreement").fill("Bad quantity")
    quantity = buyer.get_by_label("How many licences")
    quantity.evaluate("field => { field.type = 'text'; }")
    quantity.fill(typed)

    buyer.get_by_role("button", name="Continue to the review").click()

    expect(buyer.get_by_label("How many licences")).to_have_accessible_description(
        re.compile(sentence)
    )
    expect(buyer.get_by_label("How many licences")).to_have_attribute("aria-invalid", "true")
    assert "/review/" not in buyer.url
    assert portal.rows("SELECT count(*) FROM billing_order") == before


def test_given_monthly_billing_when_asked_for_then_the_answer_is_annual_only(
    owner: Page, portal: LivePortal
) -> None:
    before = portal.rows("SELECT count(*) FROM billing_order")
    home = steps.home_of(portal, "Harbour Logistics Ltd")
    owner.goto(f"{home}buy/distribution-engine/?separate=1&quantity=12")
    owner.get_by_label("Name of the separate agreement").fill("Monthly")
    for period in ("Every month", "Every three months"):
        owner.get_by_label("Billing period").select_option(period)
        with owner.expect_navigation():
            owner.get_by_role("button", name="Continue to the review").click()
        expect(owner.get_by_label("Billing period")).to_have_accessible_description(
            re.compile("annual only")
        )
    assert portal.rows("SELECT count(*) FROM billing_order") == before


# --- placing ----------------------------------------------------------------------------------


def test_given_a_double_click_when_placing_then_one_order_is_made(
    owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Double click")
    owner.get_by_label(BANK_TRANSFER).check()
    owner.get_by_label("I accept the standard terms").check()

    owner.get_by_role("button", name="Place the order").dblclick()

    expect(owner.get_by_text("Awaiting payment").first).to_be_visible()
    assert orders_of(portal, "Double click") == ["placed"]


def test_given_a_placed_order_when_going_back_then_its_page_comes_and_not_the_form(
    owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Back button")
    steps.place_order(owner, pay_by=BANK_TRANSFER)
    expect(owner.get_by_text("Awaiting payment").first).to_be_visible()
    placed = owner.url

    owner.go_back()

    owner.wait_for_url(placed)
    expect(owner.get_by_role("button", name="Place the order")).to_have_count(0)
    assert orders_of(portal, "Back button") == ["placed"]


def test_given_two_tabs_of_one_draft_when_both_are_sent_then_one_order_is_made(
    owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Two tabs")
    stale = owner.context.new_page()
    stale.goto(owner.url)
    steps.place_order(owner, pay_by=BANK_TRANSFER, purchase_order="FIRST-1")
    expect(owner.get_by_text("Awaiting payment").first).to_be_visible()

    steps.place_order(stale, pay_by=ONLINE, purchase_order="SECOND-2")

    stale.wait_for_url(owner.url)
    expect(stale.get_by_text("FIRST-1").first).to_be_visible()
    expect(stale.get_by_text("SECOND-2")).to_have_count(0)
    assert orders_of(portal, "Two tabs") == ["placed"]


# --- paying -----------------------------------------------------------------------------------


def test_given_a_declined_card_when_another_pays_then_words_say_both(
    people: People, owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Declined card")
    steps.place_order(owner, pay_by=ONLINE)
    steps.pay_by_card(owner, number=CARD_DECLINED)
    expect(owner.get_by_role("alert")).to_contain_text("declined")
    owner.get_by_role("link", name="Back to the shop").click()
    reload_until(owner, "The last try to pay did not work")
    expect(owner.get_by_text("The card was declined.").first).to_be_visible()
    people.picture(owner, "declined")
    assert keys_asked_for(portal, "Declined card") == 0

    owner.get_by_role("button", name="Pay now").click()
    steps.pay_by_card(owner, number=CARD)

    expect(owner.get_by_text("Key being prepared").first).to_be_visible()
    expect(owner.get_by_text("The last try to pay did not work")).to_have_count(0)
    expect(owner.get_by_text(re.compile(r"INV-\d{4}-\d{5}")).first).to_be_visible()
    people.picture(owner, "paid")
    assert orders_of(portal, "Declined card") == ["accepted"]
    assert keys_asked_for(portal, "Declined card") == 1


def test_given_a_bank_debit_when_it_settles_days_later_then_the_key_is_asked_for_only_then(
    people: People, owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Debit settles")
    steps.place_order(owner, pay_by=ONLINE)
    steps.pay_by_bank_debit(owner)
    expect(owner.get_by_text("Your payment is on its way").first).to_be_visible()
    expect(owner.get_by_role("button", name="Pay now")).to_have_count(0)
    people.picture(owner, "on-its-way")
    assert orders_of(portal, "Debit settles") == ["placed"]
    assert keys_asked_for(portal, "Debit settles") == 0

    portal.control(f"/_control/sessions/{session_of(portal, 'Debit settles')}/settle")

    reload_until(owner, "Key being prepared")
    assert keys_asked_for(portal, "Debit settles") == 1


def test_given_a_bank_debit_when_the_bank_returns_it_then_words_say_so_and_no_key_comes(
    people: People, owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Debit fails")
    steps.place_order(owner, pay_by=ONLINE)
    steps.pay_by_bank_debit(owner)
    expect(owner.get_by_text("Your payment is on its way").first).to_be_visible()

    portal.control(f"/_control/sessions/{session_of(portal, 'Debit fails')}/fail")

    reload_until(owner, "The payment failed")
    expect(owner.get_by_role("button", name="Pay now")).to_be_visible()
    portal.wait_for_mail(to="owner@harbour.example", containing="payment")
    people.picture(owner, "failed")
    assert orders_of(portal, "Debit fails") == ["placed"]
    assert keys_asked_for(portal, "Debit fails") == 0


def test_given_an_abandoned_and_expired_payment_page_then_words_say_so_and_a_new_one_pays(
    people: People, owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Abandoned")
    steps.place_order(owner, pay_by=ONLINE)
    owner.get_by_role("link", name="Back to the shop").click()
    expect(owner.get_by_text("You left the payment page. Nothing was charged.")).to_be_visible()
    people.picture(owner, "left")

    portal.control(f"/_control/sessions/{session_of(portal, 'Abandoned')}/expire")

    reload_until(owner, "The payment page was not used in time")
    assert keys_asked_for(portal, "Abandoned") == 0
    owner.get_by_role("button", name="Pay now").click()
    steps.pay_by_card(owner, number=CARD)
    expect(owner.get_by_text("Key being prepared").first).to_be_visible()
    assert keys_asked_for(portal, "Abandoned") == 1


def test_given_a_clerk_without_a_login_when_following_the_mail_then_the_order_is_paid(
    people: People, owner: Page, portal: LivePortal
) -> None:
    steps.choose_separately(owner, portal, label="Clerk pays")
    steps.place_order(owner, pay_by=BANK_TRANSFER)
    expect(owner.get_by_text("Awaiting payment").first).to_be_visible()
    reference = owner.get_by_role("heading", level=1).inner_text().removeprefix("Order ").strip()
    mail = portal.wait_for_mail(to="accounts@harbour.example", containing=reference)
    link = next(word for word in mail.split() if "/pay/" in word)

    clerk = people.someone(width=320)
    clerk.goto("/" + link.split("/", 3)[3])
    expect(clerk.get_by_role("navigation")).to_have_count(0)
    people.picture(clerk, "pay-page")
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name=re.compile("PDF")).click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    clerk.get_by_role("button", name="Pay now").click()
    steps.pay_by_card(clerk, number=CARD)

    expect(clerk.get_by_text("This order is paid. Thank you.")).to_be_visible()
    expect(clerk.get_by_text(re.compile(r"INV-\d{4}-\d{5}")).first).to_be_visible()
    people.picture(clerk, "paid")
    assert orders_of(portal, "Clerk pays") == ["accepted"]
    assert keys_asked_for(portal, "Clerk pays") == 1


# --- signing in -------------------------------------------------------------------------------


def test_given_a_passkey_when_signing_in_then_no_password_is_asked_for(
    people: People, portal: LivePortal
) -> None:
    person = people.someone()
    # Browsers give passkeys to names only, never to numeric addresses.
    site = portal.url
    with_virtual_passkeys(person)
    person.goto(f"{site}/accounts/login/")
    person.get_by_label("E-mail address").fill("achats@castel.example")
    person.get_by_label("Password", exact=True).fill(steps.DEMO_PASSWORD)
    person.get_by_role("button", name="Sign in", exact=True).click()
    person.wait_for_url("**/o/**")
    person.goto(f"{site}/accounts/2fa/webauthn/add/")
    steps.confirm_identity(person)
    person.get_by_label("Name").fill("Laptop")
    person.get_by_label("Passwordless").check()
    person.get_by_role("button", name="Add", exact=True).click()
    person.wait_for_url(lambda url: "/webauthn/add/" not in url)
    people.picture(person, "added")
    person.goto(f"{site}/")
    person.locator("summary", has_text="Account").click()
    person.get_by_role("button", name="Sign out").click()

    person.goto(f"{site}/accounts/login/")
    person.get_by_role("button", name="Use a passkey").click()

    person.wait_for_url("**/o/**")
    expect(person.get_by_role("heading", level=1)).to_have_text("Overview")


def with_virtual_passkeys(page: Page) -> None:
    """Give the browser an authenticator that says yes to its owner."""
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_given_a_code_by_mail_when_typed_then_the_person_is_signed_in(
    people: People, portal: LivePortal
) -> None:
    person = people.someone()
    person.goto("/accounts/login/")
    person.get_by_role("link", name="Get a code by e-mail").click()
    person.get_by_label("E-mail address").fill("einkauf@bergmann.example")
    person.get_by_role("button", name="Send me a code").click()
    expect(person.get_by_label("Code")).to_be_visible()
    people.picture(person, "code")
    mail = portal.wait_for_mail(to="einkauf@bergmann.example", containing="code")

    person.get_by_label("Code").fill(steps.code_from(mail))
    person.get_by_role("main").get_by_role("button").first.click()

    person.wait_for_url("**/o/**")
    expect(person.get_by_role("heading", level=1)).to_have_text("Overview")


def test_given_an_authenticator_app_when_signing_in_then_its_code_or_a_recovery_code_is_needed(
    people: People,
) -> None:
    person = people.someone()
    steps.sign_in(person, "ops@prairie.example")
    secret = steps.set_up_authenticator_app(person)
    people.picture(person, "recovery-codes")
    shown = person.get_by_role("main").inner_text() + "".join(
        field.input_value() for field in person.locator("main textarea").all()
    )
    recovery = re.findall(r"\b[0-9a-f]{8}\b", shown)
    assert len(recovery) >= 8, shown
    steps.sign_out(person)

    password_only(person, "ops@prairie.example")
    person.get_by_label("Code").fill("000000")
    person.get_by_role("button", name="Sign in", exact=True).click()
    expect(person.get_by_label("Code")).to_have_accessible_description(re.compile("Incorrect"))
    person.get_by_label("Code").fill(steps.next_totp_code(secret))
    person.get_by_role("button", name="Sign in", exact=True).click()
    person.wait_for_url("**/o/**")
    steps.sign_out(person)

    password_only(person, "ops@prairie.example")
    person.get_by_label("Code").fill(recovery[0])
    person.get_by_role("button", name="Sign in", exact=True).click()
    person.wait_for_url("**/o/**")


def password_only(page: Page, email: str) -> None:
    """Sign in as far as a password leads."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(steps.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/**")
