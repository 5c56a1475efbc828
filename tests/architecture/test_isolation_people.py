"""A person's own pages, links that carry a secret, and what anybody may open."""

from typing import ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.core.signing import Signer
from django.test import Client
from django.utils.http import int_to_base36

from billing.models import Order
from billing.services.links import pay_token
from portal.accounts.models import Invitation, Role, User
from tests.architecture.company import browser
from tests.architecture.dataset import (
    METHODS,
    TwoCompanies,
    ask,
    changed_since,
    checksums,
    for_each,
    words,
)
from tests.architecture.urls import Kind, Url, urls_of
from tests.billing.pages import SLUG
from tests.factories import PASSWORD

# The way in sends mail to the address that was typed, and that is all it does.
SENDS = {"notifications_mail"}


@for_each(urls_of(Kind.PERSON))
class PersonTests(TwoCompanies):
    """Given a person's own page, then it is of the one who is signed in."""

    def each_given_a_visitor_then_the_sign_in_comes_first(self, url: Url) -> None:
        path = url.path({"pk": self.ours.passkey})
        before = checksums()
        for method in METHODS:
            answer = ask(browser(), method, path)
            self.assertEqual(answer.status_code, 302, (method, path))
            self.assertTrue(answer.headers["Location"].startswith("/accounts/login/"), method)
            self.assertEqual(answer.content, b"")
        self.assertEqual(changed_since(before), [])

    def each_given_somebody_else_then_no_word_of_ours_is_there_and_nothing_of_ours_changes(
        self, url: Url
    ) -> None:
        path = url.path({"pk": self.ours.passkey})
        ours = _rows_of(self.ours.owner_email)
        for who, client in self.strangers().items():
            for method in METHODS:
                answer = ask(client, method, path)
                self.assert_keeps_secrets(answer, self.ours, f"{who} {method} {path}")
        self.assertEqual(_rows_of(self.ours.owner_email), ours)


class PersonIdsTests(TwoCompanies):
    """Given ids of another person, when one's own pages get them, then they are nothing."""

    def setUp(self) -> None:
        self.client = _signed_in(self.theirs.sessions[Role.OWNER])
        self.ours_before = _rows_of(self.ours.owner_email)

    def tearDown(self) -> None:
        self.assertEqual(_rows_of(self.ours.owner_email), self.ours_before)

    def test_given_another_persons_passkey_then_it_can_be_neither_renamed_nor_removed(self) -> None:
        for page in ("edit", "remove"):
            for pk in (self.ours.passkey, 10**9):
                for method in METHODS:
                    path = f"/accounts/2fa/webauthn/keys/{pk}/{page}/"
                    answer = getattr(self.client, method)(path, {"name": "Mine now"})
                    self.assertEqual(answer.status_code, 404, (method, path))

    def test_given_ones_own_passkey_then_it_can_be_renamed(self) -> None:
        """Without this, a page that answers 404 to everybody would pass the test above."""
        path = f"/accounts/2fa/webauthn/keys/{self.theirs.passkey}/edit/"
        self.assertEqual(self.client.post(path, {"name": "Mine"}).status_code, 302)
        renamed = Authenticator.objects.get(pk=self.theirs.passkey)
        self.assertEqual(renamed.data["name"], "Mine")

    def test_given_another_persons_address_then_no_action_touches_it(self) -> None:
        for action in ("action_primary", "action_remove", "action_send"):
            sent = {"email": self.ours.owner_email, action: ""}
            answer = self.client.post("/accounts/email/", sent, follow=True)
            self.assertNotIn(self.ours.owner_email, answer.content.decode(), action)

    def test_given_other_peoples_sessions_when_one_ends_the_others_then_theirs_go_on(self) -> None:
        self.client.post("/accounts/sessions/", {})
        ours = browser(self.ours.sessions[Role.OWNER])
        self.assertEqual(ours.get(f"/o/{self.ours.organisation}/").status_code, 200)

    def test_given_a_reset_key_of_ones_own_then_another_persons_password_stays(self) -> None:
        me, other = (User.objects.get(email=c.owner_email) for c in (self.theirs, self.ours))
        key = default_token_generator.make_token(me)
        visitor = browser()
        path = f"/accounts/password/reset/key/{int_to_base36(other.pk)}-{key}/"
        answer = visitor.post(path, {"password1": "a new passphrase", "password2": "x"})
        self.assertNotIn("_auth_user_id", visitor.session)
        self.assert_keeps_secrets(answer, self.ours, path)


@for_each(urls_of(Kind.ENTRANCE, Kind.PUBLIC))
class OpenToAnybodyTests(TwoCompanies):
    """Given an address that anybody may open, then it tells nothing of any customer."""

    def each_given_a_visitor_or_a_stranger_then_no_customer_is_named(self, url: Url) -> None:
        clients = {"visitor": browser(), "stranger": browser(self.homeless)}
        owner = User.objects.get(email=self.ours.owner_email)
        arguments = {
            "slug": SLUG,
            "provider_id": "x",
            "uidb36": int_to_base36(owner.pk),
            "key": "x",
        }
        before = checksums()
        for who, client in clients.items():
            for method in METHODS:
                answer = ask(client, method, url.path(arguments))
                self.assertLess(answer.status_code, 500)
                for company in (self.ours, self.theirs):
                    self.assert_keeps_secrets(answer, company, f"{who} {method} {url.route}")
        self.assertLessEqual(set(changed_since(before)), SENDS)


class LinkTests(TwoCompanies):
    """Given a link that carries a secret, then it opens its own thing and nothing else."""

    pay_urls: ClassVar[list[Url]] = [u for u in urls_of(Kind.TOKEN) if u.route.startswith("pay/")]

    def setUp(self) -> None:
        self.order = next(o for o, documents in self.ours.documents_of.items() if documents)
        self.token = self.ours.pay_tokens[self.order]
        self.document = self.ours.documents_of[self.order][0]
        self.before = checksums()

    def test_given_the_links_of_this_suite_then_they_are_all_there_are(self) -> None:
        others = {url.name for url in urls_of(Kind.TOKEN)} - {url.name for url in self.pay_urls}
        self.assertEqual(others, {"invitation"})
        self.assertGreaterEqual(len(self.pay_urls), 4)

    def test_given_a_wrong_token_then_nothing_is_there(self) -> None:
        other = self.theirs.pay_tokens[next(iter(self.theirs.documents_of))]
        wrong = {
            "another signature": f"{self.token.partition('.')[0]}.{other.partition('.')[2]}",
            "one letter changed": self.token[:-1] + ("A" if self.token[-1] != "A" else "B"),
            "no signature": self.token.partition(".")[0],
            "another salt": Signer(salt="another", sep=".").sign(self.token.partition(".")[0]),
            "only the id": self.order,
            "nothing": "-",
        }
        client = browser(self.ours.sessions[Role.OWNER])
        for url in self.pay_urls:
            for why, token in wrong.items():
                path = url.path({"token": token, "document": self.document})
                for method in _taken(url):
                    answer = ask(client, method, path)
                    self.assertEqual(answer.status_code, 404, (why, method, path))
                    self.assert_keeps_secrets(answer, self.ours, path)
        self.assertEqual(changed_since(self.before), [])

    def test_given_a_link_made_void_then_it_is_like_one_that_never_was(self) -> None:
        order = Order.objects.get(public_id=self.order)
        order.link_version += 1
        order.save(update_fields=["link_version"])
        self.assertEqual(browser().get(f"/pay/{self.token}/").status_code, 404)
        self.assertEqual(browser().get(f"/pay/{pay_token(order)}/").status_code, 200)

    def test_given_a_draft_then_its_link_opens_nothing_yet(self) -> None:
        draft = Order.objects.get(organisation__public_id=self.ours.organisation, status="draft")
        self.assertEqual(browser().get(f"/pay/{pay_token(draft)}/").status_code, 404)

    def test_given_a_good_link_then_it_opens_its_own_documents_and_no_others(self) -> None:
        """Those of the company's other orders are as strange to it as another company's."""
        own = set(self.ours.documents_of[self.order])
        every = {*self.ours.objects["document"], *self.theirs.objects["document"]}
        opened = {
            document
            for document in every
            if browser().get(f"/pay/{self.token}/documents/{document}/pdf/").status_code == 200
        }
        self.assertEqual(opened, own)

    def test_given_a_good_link_then_its_page_shows_no_other_order_and_no_key(self) -> None:
        page = browser().get(f"/pay/{self.token}/")
        self.assertEqual(page.status_code, 200)
        text = page.content.decode()
        others = set(self.ours.objects["order"]) - {self.order}
        shown = [other for other in others if other in text or other[4:12].upper() in text]
        self.assertEqual(shown, [])
        self.assert_keeps_secrets(page, self.theirs, "the page of the link")
        self.assertEqual([key for key in self.ours.secrets if len(key) > 200 and key in text], [])

    def test_given_a_wrong_invitation_then_it_does_not_exist_for_anybody(self) -> None:
        for client in (browser(), *self.strangers().values()):
            for method in METHODS:
                answer = ask(client, method, f"/invitations/{'A' * 43}/")
                self.assertEqual(answer.status_code, 404, method)
                self.assert_keeps_secrets(answer, self.ours, "a wrong invitation")
        self.assertEqual(changed_since(self.before), [])

    def test_given_an_invitation_when_another_person_holds_its_link_then_nobody_joins(self) -> None:
        path = f"/invitations/{self.ours.invitation_token}/"
        for client in (browser(), *self.strangers().values()):
            answer = ask(client, "post", path)
            self.assertIn(answer.status_code, (200, 403))
        self.assertEqual(changed_since(self.before), [])
        self.assertEqual(Invitation.objects.filter(accepted_at=None).count(), 2)


class MachineTests(TwoCompanies):
    """Given an address for programs, then each call brings its own proof."""

    def test_given_an_unsigned_call_then_it_is_refused_and_nothing_is_kept(self) -> None:
        before = checksums()
        for url in urls_of(Kind.MACHINE):
            path = url.path({})
            for body in ("", "{}", '{"id": "evt_1", "type": "checkout.session.completed"}'):
                for headers in ({}, {"Stripe-Signature": "t=1,v1=00"}, {"Stripe-Signature": ""}):
                    answer = browser().post(
                        path, body, content_type="application/json", headers=headers
                    )
                    self.assertEqual(answer.status_code, 400, (body, headers))
            self.assertEqual(browser().get(path).status_code, 405)
        self.assertEqual(changed_since(before), [])

    def test_given_a_page_that_fails_then_it_says_as_little_to_a_stranger_as_to_a_visitor(
        self,
    ) -> None:
        path = f"/pay/{'x' * 20}/"
        answers = [browser().get(path), browser(self.homeless).get(path)]
        self.assertEqual([answer.status_code for answer in answers], [404, 404])
        self.assertNotIn(self.ours.organisation, words(answers[1]))


def _signed_in(session: str) -> Client:
    """Return a browser of somebody who typed the password just now, so that no page asks again."""
    client = browser(session)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.status_code
    return client


def _rows_of(email: str) -> list[tuple[object, ...]]:
    """Return what a person has: themselves, addresses and second factors."""
    return [
        *User.objects.filter(email=email).values_list("pk", "email", "name", "password"),
        *EmailAddress.objects.filter(user__email=email).values_list(),
        *((row.pk, str(row.data)) for row in Authenticator.objects.filter(user__email=email)),
    ]


def _taken(url: Url) -> tuple[str, ...]:
    path = url.path({"token": "-", "document": "-"})
    return tuple(m for m in METHODS if ask(browser(), m, path).status_code != 405)
