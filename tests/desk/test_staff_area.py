"""Who gets in, what the first page shows to whom, and what the browser may run."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.desk.groups import GROUPS
from portal.notifications.models import Mail
from portal.notifications.services import queue_rendered
from tests.desk.pages import action, list_of, page_of, said


def home(client) -> str:
    return client.get(reverse("admin:index")).content.decode()


def test_given_a_visitor_when_the_staff_area_is_opened_then_the_portals_sign_in_comes(db):
    response = Client().get(reverse("admin:index"), follow=True)

    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_given_a_customer_when_the_staff_area_is_opened_then_it_is_refused(as_staff, customer):
    response = as_staff(customer.owner).get(reverse("admin:index"), follow=True)

    assert response.status_code == 403


def test_given_each_group_when_it_opens_the_first_page_then_it_sees_its_own_work(
    as_staff, member_of, key_request
):
    pages = {name: home(as_staff(member_of(name))) for name in GROUPS}

    assert "Due today" in pages["Licence desk"]
    assert "Due today" not in pages["Finance"]
    assert "Tasks for finance" in pages["Finance"]
    assert "Transfers awaited" in pages["Finance"]
    assert "Tasks for finance" not in pages["Sales"]
    assert "Orders awaiting payment" in pages["Sales"]
    assert "Orders awaiting payment" not in pages["Licence desk"]
    assert all("Find a customer" in page for page in pages.values())
    assert "Stripe events" not in pages["Support"]


def test_given_no_vendor_when_staff_open_the_first_page_then_it_says_what_to_do(as_staff, staff):
    page = home(as_staff(staff))

    assert "Nothing can be sold before the vendor’s settings are made." in page


def test_given_a_pending_request_when_a_page_is_opened_then_the_sidebar_counts_it(
    as_staff, desk, key_request
):
    response = as_staff(desk).get(list_of("licensing_licence"))

    items = [item for group in response.context["sidebar_navigation"] for item in group["items"]]
    badges = {str(item["title"]): item.get("badge") for item in items}
    assert badges["Key requests"] == 1
    assert "Groups" not in badges


def test_given_a_page_of_staff_when_it_is_served_then_its_policy_allows_no_foreign_script(
    as_staff, staff, shop
):
    policy = as_staff(staff).get(reverse("admin:index"))["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_given_a_page_of_the_portal_when_it_is_served_then_its_policy_stays_strict(client, shop):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]

    assert "unsafe" not in policy


@pytest.fixture
def mail(db) -> Mail:
    written = queue_rendered(
        kind="test",
        recipients=["a@customer.example"],
        subject="Hello",
        text="Plain words",
        html="<html><head></head><body><script>steal()</script><p>Words</p></body></html>",
    )
    assert written is not None
    return written


def test_given_a_mail_when_staff_open_it_then_its_html_is_shown_in_a_frame_that_runs_nothing(
    as_staff, support, mail, shop
):
    client = as_staff(support)
    preview_url = reverse("admin:notifications_mail_preview", args=[mail.public_id])

    page = client.get(page_of("notifications_mail", mail)).content.decode()
    preview = client.get(preview_url)

    assert f'src="{preview_url}"' in page
    assert "Plain words" in page
    assert "<script>steal()" not in page
    policy = preview["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "script-src 'none'" in policy
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "<p>Words</p>" in preview.content.decode()


def test_given_somebody_without_the_permission_when_a_mail_is_previewed_then_it_is_refused(
    as_staff, groups, mail
):
    from tests import factories

    client = as_staff(factories.StaffFactory(is_superuser=False))

    url = reverse("admin:notifications_mail_preview", args=[mail.public_id])
    assert client.get(url).status_code == 403


def test_given_a_failed_mail_when_support_sends_it_again_then_it_is_queued(
    as_staff, support, mail, shop
):
    Mail.objects.filter(pk=mail.pk).update(status="failed", attempts=8)

    response = as_staff(support).post(action("notifications_mail", mail, "resend"), follow=True)

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("queued", 0)
    assert said(response) == ["The mail is on its way again."]


def test_given_a_sent_mail_when_support_sends_it_again_then_a_sentence_says_no(
    as_staff, support, mail, shop
):
    Mail.objects.filter(pk=mail.pk).update(status="sent")

    response = as_staff(support).post(action("notifications_mail", mail, "resend"), follow=True)

    assert said(response) == ["This cannot change from “sent” to “queued”."]


@pytest.mark.parametrize("group", list(GROUPS))
def test_given_a_group_when_it_writes_people_or_groups_then_it_is_refused(
    as_staff, member_of, shop, group
):
    user = member_of(group)
    client = as_staff(user)

    assert client.post("/admin/auth/group/add/", {"name": "Mine"}).status_code == 403
    data = {"is_superuser": "on", "is_staff": "on", "is_active": "on"}
    assert client.post(page_of("accounts_user", user), data).status_code == 403
    user.refresh_from_db()
    assert user.is_superuser is False


def test_given_a_superuser_when_they_add_staff_then_the_person_signs_in_by_code(
    as_staff, staff, groups, shop
):
    from django.contrib.auth.models import Group

    desk_group = Group.objects.get(name="Licence desk")
    data = {
        "email": "New@Northwind.Example",
        "name": "New",
        "is_staff": "on",
        "groups": str(desk_group.pk),
        **{f"memberships-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")},
    }

    response = as_staff(staff).post("/admin/accounts/user/add/", data)

    assert response.status_code == 302, response.context["errors"]
    person = User.objects.get(email="new@northwind.example")
    assert person.is_staff
    assert not person.has_usable_password()
    assert list(person.groups.all()) == [desk_group]


@pytest.mark.parametrize("group", list(GROUPS))
def test_given_a_group_when_it_opens_every_list_then_it_sees_what_it_was_given_and_no_more(
    as_staff, member_of, shop, group
):
    from portal.desk.site_map import GROUPS as SITE_MAP

    client = as_staff(member_of(group))

    for _title, entries in SITE_MAP:
        for entry in entries:
            expected = entry.permission in GROUPS[group]
            response = client.get(reverse(entry.url_name), follow=True)
            assert (response.status_code == 200) is expected, entry.url_name


def test_given_the_groups_when_they_are_written_twice_then_they_hold_exactly_their_permissions(
    groups,
):
    from django.contrib.auth.models import Group, Permission

    from portal.desk.groups import write_groups

    sales = Group.objects.get(name="Sales")
    sales.permissions.add(Permission.objects.get(codename="delete_order"))

    write_groups()

    held = {
        f"{p.content_type.app_label}.{p.codename}"
        for p in sales.permissions.select_related("content_type")
    }
    assert held == set(GROUPS["Sales"])
    assert not any("delete_" in name for names in GROUPS.values() for name in names)
