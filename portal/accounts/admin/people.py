"""People and the groups that give staff their permissions; only superusers change them."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Membership, User
from portal.accounts.permissions import may_act_as
from portal.audit.staff import AuditedAdmin
from portal.kit.admin import ReadOnlyInline
from portal.kit.admin_columns import moment
from portal.kit.staff_actions import StaffActionsAdmin

admin.site.unregister(Group)
# Session keys, seeds of second factors and tokens of other sites are nobody's to read, and a
# change made here would be in no audit log. People run their own under /accounts/.
admin.site.unregister(
    [Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession]
)


class MembershipInline(ReadOnlyInline):
    model = Membership
    verbose_name_plural = _("Organisations")
    fields = ("organisation", "role", moment("joined_at", _("Joined")))
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("organisation")  # type: ignore[no-any-return]


class SuperusersOnly:
    """Whoever gives permissions could give themselves any, so only superusers do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


@admin.register(User)
class PersonAdmin(SuperusersOnly, AuditedAdmin, StaffActionsAdmin):
    """A person's address and password are the person's own business."""

    list_display = (
        "email",
        "name",
        "is_staff",
        "is_active",
        moment("last_login", _("Last signed in")),
        moment("date_joined", _("Joined")),
    )
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name", "=public_id")
    ordering = ("email",)
    add_fieldsets = (
        (
            None,
            {
                "fields": ("email", "name", "is_staff", "groups"),
                "description": _("They sign in with a code that is sent to this address."),
            },
        ),
    )
    fieldsets = (
        (None, {"fields": (("email", "name"), "time_zone", "public_id")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (
            _("Dates"),
            {
                "fields": (
                    moment("last_login", _("Last signed in")),
                    moment("date_joined", _("Joined")),
                )
            },
        ),
    )
    inlines = (MembershipInline,)
    summary_template = "desk/person.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        shown = ("public_id", *self.fieldsets[2][1]["fields"])
        return shown if obj is None else ("email", *shown)

    def get_summary(self, request: HttpRequest, obj: User) -> dict[str, Any]:
        return {"person": obj, "may_visit": may_visit(request, obj)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.email = obj.email.strip().lower()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)


@admin.register(Group)
class GroupAdmin(SuperusersOnly, AuditedAdmin):
    """The four groups come with a migration; more can be made here."""

    search_fields = ("name",)
    ordering = ("name",)
    filter_horizontal = ("permissions",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            permissions = db_field.remote_field.model.objects.select_related("content_type")
            kwargs["queryset"] = permissions
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def may_visit(request: HttpRequest, person: User) -> bool:
    """Say whether this member of staff may see the portal as that person."""
    return may_act_as(hijacker=request.user, hijacked=person)  # type: ignore[arg-type]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
