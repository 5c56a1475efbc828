"""Staff enter the admin through the portal's sign-in, and see the portal as a customer does."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.urls import path, reverse

from portal.accounts.admin_login import secure_admin
from portal.accounts.models import Organisation
from portal.audit.models import AuditEvent
from tests.accounts import urls as portal_urls
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

site = AdminSite(name="admin")
secure_admin(site)


def page(request):
    return HttpResponse("the admin")


urlpatterns = [
    *[each for each in portal_urls.urlpatterns if str(each.pattern) != "admin/"],
    path("admin/page/", site.admin_view(page)),
    path("admin/", site.urls),
]


@pytest.fixture(autouse=True)
def _secured(settings):
    settings.ROOT_URLCONF = __name__


def test_visitors_of_the_admin_sign_in_at_the_portal(client):
    answer = client.get("/admin/page/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2Fpage%2F"


def test_customers_are_refused(client):
    client.force_login(UserFactory())
    assert client.get("/admin/login/").status_code == 403
    assert client.get("/admin/page/", follow=True).status_code == 403


def test_staff_are_in(client):
    client.force_login(StaffFactory())
    assert client.get("/admin/page/").content == b"the admin"
    assert client.get("/admin/login/").url == "/admin/"


def test_staff_without_the_second_factor_that_is_asked_for_set_one_up_first(client, settings):
    settings.STAFF_SECOND_FACTOR = True
    staff = StaffFactory()
    client.force_login(staff)
    assert client.get("/admin/page/", follow=True).redirect_chain[-1][0] == reverse("mfa_index")
    TOTP.activate(staff, generate_totp_secret())
    assert client.get("/admin/page/").content == b"the admin"


def start(client, person):
    return client.post(reverse("hijack:acquire"), {"user_pk": person.pk})


def test_a_visit_is_announced_on_every_page_and_in_the_log(client, customer):
    staff = StaffFactory()
    client.force_login(staff)
    assert start(client, customer.owner).status_code == 302
    page = client.get(reverse("person_profile")).content.decode()
    assert f"You see the portal as {customer.owner.email} does" in page
    assert reverse("hijack:release") in page
    client.post(reverse("hijack:release"))
    assert "You see the portal as" not in client.get(reverse("person_profile")).content.decode()
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert "acting_staff" not in client.session
    events = AuditEvent.objects.order_by("pk")
    assert [(e.action, e.actor_kind, e.actor_id, e.subject_id) for e in events] == [
        ("customer_visit.started", "staff", staff.public_id, customer.owner.public_id),
        ("customer_visit.ended", "staff", staff.public_id, customer.owner.public_id),
    ]


def test_a_visitor_changes_nothing_and_is_not_in_the_customers_list_of_sessions(client, customer):
    client.force_login(StaffFactory())
    start(client, customer.owner)
    answer = client.post("/profile/", {"name": "Changed", "time_zone": "UTC"})
    assert answer.status_code == 403
    assert "cannot change anything" in answer.content.decode()
    for name in ("account_change_password", "account_email", "mfa_activate_totp"):
        assert client.post(reverse(name), {}).status_code == 403
    customer.owner.refresh_from_db()
    assert customer.owner.name != "Changed"
    assert not UserSession.objects.filter(user=customer.owner).exists()


def test_a_visitor_is_not_asked_for_the_customers_second_factor(client, customer):
    Organisation.objects.update(second_factor_required=True)
    client.force_login(StaffFactory())
    start(client, customer.owner)
    dashboard = reverse("licensing:dashboard", args=[customer.organisation.public_id])
    assert client.get(dashboard).status_code == 200


@pytest.mark.parametrize("is_superuser", [True, False])
def test_the_permission_decides(client, customer, is_superuser):
    support = StaffFactory(is_superuser=is_superuser)
    client.force_login(support)
    assert (start(client, customer.owner).status_code == 302) is is_superuser
    assert (client.session["_auth_user_id"] == str(customer.owner.pk)) is is_superuser
    assert AuditEvent.objects.count() == (1 if is_superuser else 0)


def test_the_permission_can_be_given_to_a_group_of_staff(client, customer):
    support = StaffFactory(is_superuser=False)
    support.user_permissions.add(Permission.objects.get(codename="act_as_customer"))
    client.force_login(support)
    start(client, customer.owner)
    assert client.session["_auth_user_id"] == str(customer.owner.pk)


def test_nobody_visits_as_staff(client):
    colleague = StaffFactory()
    client.force_login(StaffFactory())
    assert start(client, colleague).status_code == 403
    assert not AuditEvent.objects.exists()


def test_a_customer_visits_nobody(client, customer, stranger):
    client.force_login(customer.owner)
    assert start(client, stranger.owner).status_code == 403
    assert client.session["_auth_user_id"] == str(customer.owner.pk)


def test_nobody_ends_a_visit_that_was_not_started(client, customer):
    client.force_login(customer.owner)
    assert client.post(reverse("hijack:release")).status_code == 403


def test_staff_without_the_second_factor_that_is_asked_for_visit_nobody(client, customer, settings):
    settings.STAFF_SECOND_FACTOR = True
    staff = StaffFactory()
    client.force_login(staff)
    assert start(client, customer.owner).status_code == 403
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert not AuditEvent.objects.exists()
    TOTP.activate(staff, generate_totp_secret())
    assert start(client, customer.owner).status_code == 302


def test_a_visit_to_what_is_no_person_is_not_found(client):
    client.force_login(StaffFactory())
    assert client.post(reverse("hijack:acquire"), {"user_pk": "owner"}).status_code == 404
