"""Every kind of mail, rendered strictly: a template that asks for what it does not get fails."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Engine

from portal.kit.urls import absolute
from portal.notifications.rendering import render_mail
from tests.notifications.contexts import CONTEXTS

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
EMAIL_TEMPLATES = Path(settings.BASE_DIR) / "templates" / "email"


class Strict(str):
    """Stands for a missing value, and does not let it pass."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return True

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"the context has no {name}")


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(Engine.get_default(), "string_if_invalid", Strict("%s"))


@pytest.mark.parametrize("kind", sorted(CONTEXTS))
def test_given_a_complete_context_when_rendered_strictly_then_all_three_parts_are_there(
    kind, strict
):
    mail = render_mail(kind, CONTEXTS[kind], LONDON)
    assert mail.subject
    assert "\n" not in mail.subject
    assert mail.text.endswith("-- \nLicence portal\nhttp://testserver/\n")
    assert "\n\n\n" not in mail.text
    assert "&amp;" not in mail.text
    assert "</html>" in mail.html
    assert "<script" not in mail.html


def test_the_strict_mode_itself_fails_for_a_missing_value(strict):
    with pytest.raises(AssertionError, match="number"):
        render_mail("invoice", _without("invoice", "number"), LONDON)


def test_every_template_has_a_context_here_and_every_context_a_template():
    kinds = {
        path.name.removesuffix(".subject.txt") for path in EMAIL_TEMPLATES.glob("*.subject.txt")
    }
    assert kinds == set(CONTEXTS)


@pytest.mark.parametrize("kind", sorted(CONTEXTS))
def test_given_a_kind_then_every_address_in_it_is_absolute_and_stands_in_both_parts(kind):
    mail = render_mail(kind, CONTEXTS[kind], LONDON)
    addresses = [value for name, value in CONTEXTS[kind].items() if name.endswith("_url")]
    assert all(address.startswith("http://testserver/") for address in addresses)
    missing = [
        address for address in addresses if address in mail.text and address not in mail.html
    ]
    assert missing == []


def test_given_readers_elsewhere_when_a_key_is_due_then_the_time_is_in_their_zone():
    context = {**CONTEXTS["order_accepted"], "key_due": None}
    assert "by Tue, 24 Nov 2026, 09:00 GMT." in render_mail("order_accepted", context, LONDON).text
    assert (
        "by Tue, 24 Nov 2026, 04:00 EST." in render_mail("order_accepted", context, NEW_YORK).text
    )


def test_given_a_due_time_at_an_opening_then_the_mail_says_by_close_on_the_day_before():
    text = render_mail("order_accepted", CONTEXTS["order_accepted"], LONDON).text
    assert "by close of business on 23 Nov 2026." in text


def test_the_text_part_of_an_invoice_on_account_in_full():
    assert render_mail("invoice", CONTEXTS["invoice"], LONDON).text == (
        "Attached is invoice INV-2026-00001.\n"
        "\n"
        "Order: ORD-2026-7\n"
        "For: Baker & Sons Ltd\n"
        "Product: 12 × Distribution Engine\n"
        "Total: £2,073.60\n"
        "The order’s page: http://testserver/o/org_1/orders/ord_1/\n"
        "\n"
        "Please pay £2,073.60 by 21 Dec 2026.\n"
        "Pay online, or forward this address to whoever pays:\n"
        "http://testserver/pay/token/\n"
        "\n"
        "The invoice among your documents:\n"
        "http://testserver/o/org_1/documents/inv_1/pdf/\n"
        "\n"
        "-- \n"
        "Licence portal\n"
        "http://testserver/\n"
    )


def test_given_a_paid_invoice_then_it_asks_for_no_money():
    paid = {**CONTEXTS["invoice"], "is_paid": True, "due_on": None, "pay_url": ""}
    mail = render_mail("invoice", paid, LONDON)
    assert mail.subject == "Invoice INV-2026-00001, paid"
    assert "nothing is left to pay" in mail.text
    assert "Please pay" not in mail.text + mail.html
    assert "/pay/" not in mail.text + mail.html


def test_given_no_key_in_the_context_then_the_mail_links_to_it_and_says_who_can_see_it():
    mail = render_mail("key_issued", CONTEXTS["key_issued"], LONDON)
    assert "http://testserver/o/org_1/licences/lic_1/" in mail.text
    assert "Owners and licence managers can see it" in mail.text
    assert "key/" not in mail.text


def test_given_a_key_in_the_context_then_the_text_part_holds_it_on_a_line_of_its_own():
    mail = render_mail("key_issued", {**CONTEXTS["key_issued"], "key": "key/abc=.def="}, LONDON)
    assert "\nkey/abc=.def=\n" in mail.text
    assert '<p class="key">key/abc=.def=</p>' in mail.html


def test_given_markup_in_what_a_stranger_wrote_then_the_html_part_shows_it_as_text():
    mail = render_mail("contact_message", CONTEXTS["contact_message"], LONDON)
    assert "Ann &lt;b&gt;Other&lt;/b&gt;" in mail.html
    assert "<b>Other" not in mail.html
    assert "Ann <b>Other</b>" in mail.text


def test_given_a_line_break_in_a_topic_then_the_subject_stays_one_line():
    context = {**CONTEXTS["contact_message"], "topic": "Hello\r\nBcc: all@customer.example"}
    subject = render_mail("contact_message", context, LONDON).subject
    assert subject.startswith("Hello Bcc: all@customer.example: a message from")


def test_given_a_path_then_absolute_puts_the_public_address_before_it():
    assert absolute("/help/") == "http://testserver/help/"


@pytest.mark.parametrize("path", ["help/", "//evil.example/", "https://evil.example/", ""])
def test_given_what_is_no_path_then_absolute_refuses(path):
    with pytest.raises(ValueError, match="not a path"):
        absolute(path)


def _without(kind: str, name: str) -> dict[str, Any]:
    return {key: value for key, value in CONTEXTS[kind].items() if key != name}
