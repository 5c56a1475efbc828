"""The whole errand in a browser: a stranger buys seats and gets a key that verifies."""

import base64
import json
import re
from pathlib import Path

import pytest
from keygen import LicenseKeyNotGenuineError
from keygen.verifier import Verifier
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.conftest import People
from tests.e2e.live import LivePortal

pytestmark = pytest.mark.usefixtures("books_hold")


def order_reference(page: Page) -> str:
    heading = page.get_by_role("heading", level=1).inner_text()
    return heading.removeprefix("Order ").strip()


def test_given_a_stranger_when_buying_by_card_with_3ds_then_the_key_verifies(
    people: People, portal: LivePortal, tmp_path: Path
) -> None:
    buyer = people.someone()
    steps.sign_up(buyer, portal, email="nora@fielding.example", company="Fielding Freight Ltd")
    people.picture(buyer, "signed-up")
    steps.fill_in_address(buyer)
    steps.choose_seats(buyer, seats=12, premier=True)
    people.picture(buyer, "chosen")
    buyer.get_by_role("button", name="Continue to the review").click()
    # 12 × £120.00 = £1,440.00; 20 % premier £288.00; 20 % VAT on £1,728.00 is £345.60.
    for sum_ in ("£1,440.00", "£288.00", "£345.60", "£2,073.60"):
        expect(buyer.get_by_text(sum_).first).to_be_visible()
    people.picture(buyer, "review")
    steps.place_order(buyer, pay_by="Card or other online payment", purchase_order="PO-7781")
    people.picture(buyer, "stripe")
    steps.pay_by_card_with_3ds(buyer)
    expect(buyer.get_by_text("Key being prepared").first).to_be_visible()
    people.picture(buyer, "paid")
    reference = order_reference(buyer)
    portal.wait_for_mail(to="nora@fielding.example", containing="INV-")

    desk = people.someone()
    issue_in_the_admin(people, desk, company="Fielding Freight Ltd")

    portal.wait_for_mail(to="nora@fielding.example", containing="key")
    key = collect_key(people, buyer)
    verify(portal, key, seats=12)
    assert reference


def test_given_a_transfer_when_staff_record_it_then_the_key_is_issued(
    people: People, portal: LivePortal
) -> None:
    buyer = people.someone()
    steps.sign_up(buyer, portal, email="tom@transfer.example", company="Transfer Tools Ltd")
    steps.fill_in_address(buyer)
    steps.choose_seats(buyer, seats=25, premier=False)
    buyer.get_by_role("button", name="Continue to the review").click()
    # 25 × £108.00 = £2,700.00; VAT £540.00.
    expect(buyer.get_by_text("£3,240.00").first).to_be_visible()
    steps.place_order(buyer, pay_by="Bank transfer")
    expect(buyer.get_by_text("Awaiting payment").first).to_be_visible()
    people.picture(buyer, "awaiting-transfer")
    portal.wait_for_mail(to="tom@transfer.example", containing="pro forma")
    reference = order_reference(buyer)

    finance = people.someone()
    steps.sign_in(finance, "finance@northwind.example")
    record_transfer(people, finance, reference=reference, amount="3240.00")
    portal.wait_for_mail(to="tom@transfer.example", containing="INV-")

    desk = people.someone()
    issue_in_the_admin(people, desk, company="Transfer Tools Ltd")
    key = collect_key(people, buyer)
    verify(portal, key, seats=25)


def test_given_credit_when_buying_on_account_then_the_invoice_follows_the_key(
    people: People, portal: LivePortal
) -> None:
    buyer = people.someone()
    steps.sign_up(buyer, portal, email="ada@account.example", company="Account Assurance Ltd")
    steps.fill_in_address(buyer)
    finance = people.someone()
    steps.sign_in(finance, "finance@northwind.example")
    allow_credit(people, finance, company="Account Assurance Ltd", limit="1000000")

    steps.choose_seats(buyer, seats=5, premier=False)
    buyer.get_by_role("button", name="Continue to the review").click()
    steps.place_order(buyer, pay_by="On account")
    expect(buyer.get_by_text("Key being prepared").first).to_be_visible()
    expect(buyer.get_by_text(re.compile(r"INV-\d"))).to_have_count(0)
    people.picture(buyer, "accepted-on-account")

    desk = people.someone()
    issue_in_the_admin(people, desk, company="Account Assurance Ltd")
    portal.wait_for_mail(to="ada@account.example", containing="INV-")
    buyer.reload()
    expect(buyer.get_by_text(re.compile(r"INV-\d{4}-\d{5}")).first).to_be_visible()
    people.picture(buyer, "invoice-follows")
    verify(portal, collect_key(people, buyer), seats=5)


def issue_in_the_admin(people: People, desk: Page, *, company: str) -> None:
    """The licence desk finds the request in its queue, takes it and issues the key."""
    steps.sign_in(desk, "desk@northwind.example")
    desk.goto("/admin/licensing/keyrequest/")
    people.picture(desk, "queue")
    desk.get_by_role("row").filter(has_text=company).get_by_role("link").first.click()
    desk.get_by_role("link", name="Take").or_(desk.get_by_role("button", name="Take")).first.click()
    people.picture(desk, "request")
    desk.get_by_role("link", name="Issue").or_(
        desk.get_by_role("button", name="Issue")
    ).first.click()
    confirm = desk.get_by_role("button", name=re.compile("Issue"))
    if confirm.count():
        confirm.first.click()
    expect(desk.get_by_text("Issued").first).to_be_visible()
    people.picture(desk, "issued")


def collect_key(people: People, buyer: Page) -> str:
    """The buyer goes to the key, shows it, copies it, and returns what the clipboard holds."""
    buyer.reload()
    buyer.get_by_role("link", name="Go to the key").click()
    buyer.get_by_role("button", name="Show the key").click()
    buyer.get_by_role("button", name="Copy").first.click()
    key = str(buyer.evaluate("navigator.clipboard.readText()"))
    people.picture(buyer, "key")
    assert buyer.get_by_label("Licence key").input_value() == key
    return key


def verify(portal: LivePortal, key: str, *, seats: int) -> None:
    """`verify_licence` accepts the key, and refuses it with one byte changed."""
    good = portal.manage("verify_licence", "-", stdin=key)
    assert good.returncode == 0, good.stdout + good.stderr
    assert str(seats) in good.stdout
    payload, signature = key.removeprefix("key/").split(".")
    raw = bytearray(base64.urlsafe_b64decode(payload))
    raw[10] ^= 1
    changed = f"key/{base64.urlsafe_b64encode(raw).decode()}.{signature}"
    assert portal.manage("verify_licence", "-", stdin=changed).returncode == 1
    verify_with_a_client_that_is_not_ours(portal, key, changed, seats=seats)


def verify_with_a_client_that_is_not_ours(
    portal: LivePortal, key: str, changed: str, *, seats: int
) -> None:
    """keygen-sdk, with the public key alone, accepts the copied key and refuses the changed one."""
    public_key = portal.manage("rotate_signing_key", "--list").stdout.split()[1]
    verifier = Verifier(public_key)
    stated = json.loads(verifier.verify_license_key("ED25519_SIGN", key))
    assert stated["seats"] == seats
    with pytest.raises(LicenseKeyNotGenuineError):
        verifier.verify_license_key("ED25519_SIGN", changed)


def record_transfer(people: People, finance: Page, *, reference: str, amount: str) -> None:
    """Finance finds the order by the reference on the bank statement and records the money."""
    finance.goto(f"/admin/billing/order/?q={reference}")
    finance.get_by_role("row").filter(has_text=reference).get_by_role("link").first.click()
    finance.get_by_role("link", name="Record a transfer").or_(
        finance.get_by_role("button", name="Record a transfer")
    ).first.click()
    finance.get_by_label("Amount received").fill(amount)
    people.picture(finance, "record-transfer")
    finance.get_by_role("button", name="Record a transfer").click()
    expect(finance.get_by_text("is recorded").first).to_be_visible()


def allow_credit(people: People, finance: Page, *, company: str, limit: str) -> None:
    """Finance lets a customer buy on account."""
    finance.goto("/admin/billing/creditterms/add/")
    finance.locator(".select2-selection").first.click()
    finance.locator(".select2-search__field").fill(company)
    finance.locator(".select2-results__option").filter(has_text=company).first.click()
    finance.get_by_label("may buy on account", exact=False).check()
    finance.get_by_label("currency", exact=False).fill("GBP")
    finance.get_by_label("Limit of what the customer may owe").fill(limit)
    people.picture(finance, "credit-terms")
    finance.get_by_role("button", name="Save", exact=True).click()
    expect(finance.get_by_text(company).first).to_be_visible()
