"""The hosted payment page under /c/pay/: what the payer sees, types and gets back."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Final

from tests.stripe_standin import sessions
from tests.stripe_standin.cards import BANK_DEBITS, card_of, digits_of, passes_luhn
from tests.stripe_standin.currencies import shown
from tests.stripe_standin.world import Body, World

PAGES: Final = Path(__file__).parent / "pages"
EXPIRY: Final = re.compile(r"\s*(0[1-9]|1[0-2])\s*/?\s*([0-9]{2})\s*\Z", re.ASCII)
CVC: Final = re.compile(r"[0-9]{3,4}\Z", re.ASCII)
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
# The fields of the form, in their order, with their labels.
FIELDS: Final = {
    "email": "Email",
    "number": "Card number",
    "expiry": "Expiry date (MM / YY)",
    "cvc": "Security code",
    "name": "Name on card",
}


@dataclass(frozen=True)
class Page:
    """An HTML page, or a redirect where `location` is set."""

    status: int
    html: str = ""
    location: str = ""


def show(world: World, session_id: str) -> Page:
    """The page of a session: to pay while it is open, else what became of it."""
    session = world.store.get("checkout.session", session_id)
    if session is None:
        return _message(404, "There is no such payment page", "Check the address.", back="")
    if session["status"] != "open":
        return _closed(session)
    return _form(world, session, {}, {}, status=200)


def submit(world: World, session_id: str, form: dict[str, str]) -> Page:
    """The payer pressed Pay."""
    session = world.store.get("checkout.session", session_id)
    if session is None or session["status"] != "open":
        return show(world, session_id)
    form = {**form, "email": form.get("email") or session["customer_email"] or ""}
    problems = _problems(session, form, now=world.now())
    if problems:
        return _form(world, session, form, problems, status=422)
    if _is_bank_debit(session, form):
        sessions.start_bank_debit(world, session, email=form["email"])
        return _to_shop(session)
    number = digits_of(form["number"])
    intent = sessions.pay(world, session, card_of(number), last4=number[-4:], email=form["email"])
    if intent["status"] == "succeeded":
        return _to_shop(session)
    if intent["status"] == "requires_action":
        return Page(303, location=f"/c/pay/{session['id']}/authenticate")
    return _form(world, session, {**form, "number": "", "cvc": ""}, {}, status=402)


def challenge(world: World, session_id: str) -> Page:
    """The bank's page of 3-D Secure."""
    session = world.store.get("checkout.session", session_id)
    intent = _intent(world, session)
    if session is None or intent is None or intent["status"] != "requires_action":
        return Page(303, location=f"/c/pay/{session_id}")
    return _render(
        "challenge.html",
        title="Confirm your payment",
        merchant=html.escape(world.merchant),
        amount=shown(session["amount_total"], session["currency"]),
        last4=intent["_method"]["last4"],
        action=f"/c/pay/{session['id']}/authenticate",
    )


def answer_challenge(world: World, session_id: str, form: dict[str, str]) -> Page:
    """The payer answered the bank."""
    session = world.store.get("checkout.session", session_id)
    intent = _intent(world, session)
    if (
        session is None
        or session["status"] != "open"
        or intent is None
        or intent["status"] != "requires_action"
    ):
        return Page(303, location=f"/c/pay/{session_id}")
    sessions.authenticate(world, session, passed=form.get("outcome") == "complete")
    if session["status"] == "complete":
        return _to_shop(session)
    return Page(303, location=f"/c/pay/{session_id}")


def _intent(world: World, session: Body | None) -> Body | None:
    if session is None or not session["payment_intent"]:
        return None
    return world.store.get("payment_intent", session["payment_intent"])


def _to_shop(session: Body) -> Page:
    return Page(
        303, location=session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    )


def _problems(session: Body, form: dict[str, str], *, now: int) -> dict[str, str]:
    """What is wrong with the form, by field; nothing of it reaches the bank."""
    problems: dict[str, str] = {}
    if not EMAIL.match(form["email"]):
        problems["email"] = "Enter your email address, like name@example.com."
    if _is_bank_debit(session, form):
        return problems
    if not passes_luhn(digits_of(form.get("number", ""))):
        problems["number"] = "Your card number is incorrect."
    if expiry_problem := _expiry_problem(form.get("expiry", ""), now=now):
        problems["expiry"] = expiry_problem
    if not CVC.match(form.get("cvc", "").strip()):
        problems["cvc"] = "Enter the 3 or 4 digits of the security code."
    return problems


def _expiry_problem(text: str, *, now: int) -> str:
    found = EXPIRY.match(text)
    if found is None:
        return "Enter the month and the year, like 12 / 34."
    today = datetime.fromtimestamp(now, UTC)
    month, year = int(found.group(1)), 2000 + int(found.group(2))
    if (year, month) < (today.year, today.month):
        return "Your card has expired: this date is in the past."
    return ""


def _is_bank_debit(session: Body, form: dict[str, str]) -> bool:
    return form.get("method") == "bank_debit" and session["currency"] in BANK_DEBITS


def _form(
    world: World,
    session: Body,
    form: dict[str, str],
    problems: dict[str, str],
    *,
    status: int,
) -> Page:
    amount = shown(session["amount_total"], session["currency"])
    values = {"email": session["customer_email"] or "", **form}
    return _render(
        "pay.html",
        status=status,
        title=f"Pay {html.escape(world.merchant)} {amount}",
        merchant=html.escape(world.merchant),
        amount=amount,
        lines="".join(_line(line) for line in session["_lines"]),
        reference=html.escape(session["client_reference_id"] or "–"),
        notice=_notice(world, session, problems),
        methods=_methods(session, values),
        action=f"/c/pay/{session['id']}",
        back=_back(session),
        **{
            f"field_{name}": _field(name, values.get(name, ""), problems.get(name, ""))
            for name in FIELDS
        },
    )


def _line(line: Body) -> str:
    return (
        f"<tr><td>{html.escape(line['description'])}</td>"
        f'<td class="sum">{shown(line["amount_total"], line["currency"])}</td></tr>'
    )


def _notice(world: World, session: Body, problems: dict[str, str]) -> str:
    if problems:
        items = "".join(
            f'<li><a href="#{name}">{html.escape(FIELDS[name])}: {html.escape(text)}</a></li>'
            for name, text in problems.items()
        )
        return f'<div class="alert" role="alert"><p>Please check:</p><ul>{items}</ul></div>'
    intent = _intent(world, session)
    error = intent["last_payment_error"] if intent else None
    if not error:
        return ""
    return f'<div class="alert" role="alert"><p>{html.escape(error["message"])}</p></div>'


def _methods(session: Body, values: dict[str, str]) -> str:
    if session["currency"] not in BANK_DEBITS:
        return '<input type="hidden" name="method" value="card">'
    debit = values.get("method") == "bank_debit"
    return (
        (PAGES / "methods.html")
        .read_text()
        .format(card="" if debit else "checked", debit="checked" if debit else "")
    )


AUTOCOMPLETE: Final = {
    "email": 'type="email" autocomplete="email"',
    "number": 'inputmode="numeric" autocomplete="cc-number"',
    "expiry": 'inputmode="numeric" autocomplete="cc-exp"',
    "cvc": 'inputmode="numeric" autocomplete="cc-csc"',
    "name": 'autocomplete="cc-name"',
}


def _field(name: str, value: str, problem: str) -> str:
    described = f' aria-invalid="true" aria-describedby="{name}-problem"' if problem else ""
    hint = f'<p class="problem" id="{name}-problem">{html.escape(problem)}</p>' if problem else ""
    return (
        f'<div class="field"><label for="{name}">{html.escape(FIELDS[name])}</label>'
        f'<input id="{name}" name="{name}" value="{html.escape(value)}" '
        f"{AUTOCOMPLETE[name]}{described}>{hint}</div>"
    )


def _back(session: Body) -> str:
    if not session["cancel_url"]:
        return ""
    return f'<a class="back" href="{html.escape(session["cancel_url"])}">Back to the shop</a>'


def _closed(session: Body) -> Page:
    if session["status"] == "expired":
        text = "Nothing was charged. Start again from the shop."
        return _message(410, "This payment page has expired", text, back=_back(session))
    shop = html.escape(_to_shop(session).location)
    text = "There is nothing left to do on this page."
    back = f'<a class="back" href="{shop}">Back to the shop</a>'
    return _message(200, "This payment is already made", text, back=back)


def _message(status: int, title: str, text: str, *, back: str) -> Page:
    return _render("message.html", status=status, title=title, text=text, back=back)


def _render(name: str, *, status: int = 200, **values: str) -> Page:
    inner = Template((PAGES / name).read_text()).substitute(values)
    frame = Template((PAGES / "frame.html").read_text())
    return Page(status, html=frame.substitute(title=values["title"], content=inner))
