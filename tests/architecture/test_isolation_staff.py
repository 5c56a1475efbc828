"""The admin is for staff, and each of its pages and buttons for those who have the permission."""

import re
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models

from billing.models import ExchangeRate, FinanceTask, Refund, StripeEvent
from portal.accounts.models import Organisation, User
from portal.desk.groups import GROUPS, write_groups
from portal.kit import clock
from portal.kit.staff_actions import StaffActionsAdmin
from tests import factories
from tests.architecture.company import browser, session_of
from tests.architecture.dataset import TwoCompanies, ask, changed_since, checksums, for_each
from tests.architecture.urls import Kind, Url, urls_of

ADMIN_URLS = [url for url in urls_of(Kind.STAFF) if url.route.startswith("admin/")]
NEWCOMER = "nobody's group"

# Pages of the site itself, with what staff without any permission get there.
SITE_PAGES = {
    "admin:index": 200,
    "admin:login": 302,
    "admin:logout": 405,
    "admin:password_change": 200,
    "admin:password_change_done": 200,
    "admin:jsi18n": 200,
    "admin:search": 200,
    "admin:autocomplete": 403,
    "admin:view_on_site": 404,
    "admin:app_list": 404,
    "admin:": 404,
}
# There is one vendor, so its list is its page.
LEADS_ON = {"admin:vendor_vendorprofile_changelist"}
# What each page of a model asks for; without an entry the page is a button, with its own.
PAGE_NEEDS = {
    "changelist": "view",
    "add": "add",
    "change": "view",
    "delete": "delete",
    "history": "view",
    "preview": "view",
    "pdf": "view",
}
OTHER_NEEDS = {
    "admin:customers": "accounts.view_organisation",
    "admin:customer": "accounts.view_organisation",
    "admin:billing_order_export": "billing.export_books",
    "admin:billing_document_export": "billing.export_books",
    "admin:billing_payment_export": "billing.export_books",
}


class AdminTests(TwoCompanies):
    """Two companies, and staff of each group."""

    staff: ClassVar[dict[str, str]]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        write_groups()
        cls.staff = {NEWCOMER: session_of(_employee())}
        for name in GROUPS:
            person = _employee()
            person.groups.add(Group.objects.get(name=name))
            cls.staff[name] = session_of(person)
        _tasks_and_events()


@for_each(ADMIN_URLS)
class CustomersAndTheAdminTests(AdminTests):
    """Given a page of the admin, when a customer or a visitor asks, then it stays shut."""

    def each_given_a_customer_or_a_visitor_then_it_stays_shut(self, url: Url) -> None:
        before = checksums()
        clients = {"visitor": browser(), **self.members(), "no company": browser(self.homeless)}
        for who, client in clients.items():
            for path in _paths(url):
                for method in ("get", "post") if who in ("visitor", "owner") else ("get",):
                    answer = ask(client, method, path)
                    self._is_shut(answer, f"{who} {method} {path}")
        self.assertEqual(changed_since(before), [])

    def _is_shut(self, answer: Any, where: str) -> None:
        """403, or led to the way in, which refuses customers; never a page, never a word."""
        self.assertIn(answer.status_code, (302, 403), where)
        if answer.status_code == 302:
            self.assertRegex(
                answer.headers["Location"], r"^/(admin|accounts)/login/\?next=|^/admin/$"
            )
            self.assertEqual(answer.content, b"", where)
        self.assert_keeps_secrets(answer, self.theirs, where)


@for_each(ADMIN_URLS)
class StaffAndTheAdminTests(AdminTests):
    """Given a page or a button of the admin, then the permission decides."""

    def each_given_staff_without_the_permission_then_it_is_refused(self, url: Url) -> None:
        before = checksums()
        for path in _paths(url):
            for group, session in self.staff.items():
                if not _may(group, url, path):
                    for method in ("get", "post"):
                        answer = ask(browser(session), method, path)
                        self.assertIn(answer.status_code, _refusal(url), (group, method, path))
                        self.assert_keeps_secrets(answer, self.ours, f"{group} {path}")
        self.assertEqual(changed_since(before), [])

    def each_given_staff_with_the_permission_then_it_opens(self, url: Url) -> None:
        """Without this, an admin that refuses everybody would pass the test above."""
        for path in _paths(url):
            allowed = next((group for group in self.staff if _may(group, url, path)), None)
            if allowed is not None and url.name not in SITE_PAGES:
                answer = ask(browser(self.staff[allowed]), "get", path)
                self.assertIn(answer.status_code, _opened(url), (allowed, path))


class AdminSiteTests(AdminTests):
    def test_given_staff_without_a_group_then_the_site_tells_them_nothing(self) -> None:
        client = browser(self.staff[NEWCOMER])
        for name, status in SITE_PAGES.items():
            for url in (url for url in ADMIN_URLS if url.name == name):
                for path in _paths(url):
                    answer = client.get(path)
                    # An unfinished address of an object leads to its page, whatever it names.
                    leads_on = name == "admin:" and "object_id" in url.arguments
                    self.assertEqual(answer.status_code, 302 if leads_on else status, path)
                    for company in (self.ours, self.theirs):
                        self.assert_keeps_secrets(answer, company, path)

    def test_given_every_model_of_ours_then_a_permission_stands_before_each_of_its_pages(
        self,
    ) -> None:
        unnamed = [
            url.route
            for url in ADMIN_URLS
            if url.name not in SITE_PAGES and not all(_needs(url, path) for path in _paths(url))
        ]
        self.assertEqual(unnamed, [])

    def test_given_a_button_that_does_not_exist_then_it_is_not_found(self) -> None:
        client = browser(self.staff["Finance"])
        for order in self.ours.objects["order"][:1]:
            for name in ("delete", "save", "get_queryset"):
                path = f"/admin/billing/order/{order}/do/{name}/"
                self.assertEqual(client.post(path).status_code, 404, name)

    def test_given_a_customer_or_a_group_without_the_permission_then_nobody_is_visited(
        self,
    ) -> None:
        owner = User.objects.get(email=self.theirs.owner_email)
        sessions = {**self.ours.sessions, **self.staff, "no company": self.homeless}
        visitors = []
        for who, session in sessions.items():
            client = browser(session)
            answer = client.post("/hijack/acquire/", {"user_pk": owner.pk})
            if answer.status_code == 302:
                visitors.append(who)
            else:
                self.assertEqual(answer.status_code, 403, who)
                self.assertNotEqual(client.session["_auth_user_id"], str(owner.pk))
        self.assertEqual(visitors, ["Support"])
        self.assertEqual(browser().post("/hijack/acquire/", {"user_pk": owner.pk}).status_code, 302)
        self.assertEqual(browser().post("/hijack/release/").status_code, 403)


def _employee() -> User:
    return factories.StaffFactory(is_superuser=False)


def _tasks_and_events() -> None:
    """Rows of the kinds that no company has by itself."""
    FinanceTask.objects.create(
        kind=FinanceTask.Kind.OVERPAID, once_key="dataset", note="n", opened_at=clock.now()
    )
    StripeEvent.objects.create(
        event_id="evt_1", type="t", payload={}, created_at=clock.now(), received_at=clock.now()
    )
    ExchangeRate.objects.create(
        currency="EUR", vendor_currency="GBP", day=clock.now().date(), rate="0.85", source="x"
    )
    assert Refund.objects.exists()


def _paths(url: Url) -> list[str]:
    """Return an address of each button, or one of the page; with the latest row of its model."""
    model = _model(url)
    row = model._default_manager.order_by("-pk").first() if model else None
    values = {
        "object_id": getattr(row, "public_id", getattr(row, "pk", "1")),
        "organisation": Organisation.objects.latest("pk").public_id,
        "content_type_id": ContentType.objects.get_for_model(Organisation).pk,
        "app_label": "billing",
        "url": "nothing/",
    }
    names = _buttons(model) if "name" in url.arguments else ("",)
    return [url.path({**values, "name": name}) for name in names]


def _model(url: Url) -> type[models.Model] | None:
    found = re.match(r"admin/([a-z]+)/([a-z]+)/", url.route)
    if found is None or found[1] not in {config.label for config in apps.get_app_configs()}:
        return None
    return apps.get_model(found[1], found[2])


def _buttons(model: Any) -> tuple[str, ...]:
    desk = admin.site.get_model_admin(model)
    assert isinstance(desk, StaffActionsAdmin)
    return desk.staff_actions or ("none",)


def _needs(url: Url, path: str) -> set[str]:
    """Return the permissions that a page asks for, worked out from its address alone."""
    if url.name in OTHER_NEEDS:
        return {OTHER_NEEDS[url.name]}
    model = _model(url)
    if model is None:
        return set()
    app, name = model._meta.app_label, model._meta.model_name
    if "/do/" in path:
        button = path.rstrip("/").rpartition("/")[2]
        action = getattr(type(admin.site.get_model_admin(model)), button, None)
        return {f"{app}.view_{name}", *([action.staff_action.permission] if action else [])}
    page = url.name.rpartition("_")[2]
    return {f"{app}.{PAGE_NEEDS[page]}_{name}"}


def _may(group: str, url: Url, path: str) -> bool:
    if url.name in SITE_PAGES:
        return True
    return _needs(url, path) <= set(GROUPS.get(group, ()))


def _has_no_buttons(url: Url) -> bool:
    return "name" in url.arguments and _buttons(_model(url)) == ("none",)


def _refusal(url: Url) -> tuple[int, ...]:
    return (404,) if _has_no_buttons(url) else (403,)


def _opened(url: Url) -> tuple[int, ...]:
    """A button without a question is pressed by POST alone; a history is the audit log's."""
    if _has_no_buttons(url):
        return (404,)
    if url.name in LEADS_ON:
        return (302,)
    if url.name.endswith("_history"):
        return (302,)
    return (200, 405) if "name" in url.arguments else (200,)
