"""Buttons of staff on an object's page: permitted, by POST, and each calls one service.

An action is a method of an admin with `@staff_action`; it takes the request, the object and the
form's data, calls a service and returns a sentence. A DomainError becomes a sentence too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext

from portal.kit.admin import PortalAdmin
from portal.kit.errors import DomainError

Text = str | Promise


class StaffForm(forms.Form):
    """Base of the forms that an action asks for; `subject` is the object acted on."""

    class Media:
        # What the date picker stands on.
        js = ("admin/js/core.js",)

    def __init__(self, *args: Any, subject: Any, **kwargs: Any) -> None:
        self.subject = subject
        super().__init__(*args, **kwargs)


def always(obj: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAction:
    """What a button says, who may press it, when it is offered, and what it asks for first."""

    label: Text
    permission: str
    run: Callable[..., Text]
    name: str
    form: type[StaffForm] | None = None
    # What it will do, read before it is confirmed; without a form and this, one press does it.
    explain: Text = ""
    danger: bool = False
    primary: bool = False
    when: Callable[[Any], bool] = field(default=always)

    @property
    def asks_first(self) -> bool:
        return self.form is not None or bool(self.explain)


def staff_action(
    *,
    label: Text,
    permission: str,
    form: type[StaffForm] | None = None,
    explain: Text = "",
    danger: bool = False,
    primary: bool = False,
    when: Callable[[Any], bool] = always,
) -> Callable[[Callable[..., Text]], Callable[..., Text]]:
    """Make a method of a StaffActionsAdmin a button; its URL is the method's name."""

    def decorate(method: Callable[..., Text]) -> Callable[..., Text]:
        method.staff_action = StaffAction(  # type: ignore[attr-defined]
            label=label,
            permission=permission,
            run=method,
            name=method.__name__,
            form=form,
            explain=explain,
            danger=danger,
            primary=primary,
            when=when,
        )
        return method

    return decorate


class StaffActionsAdmin(PortalAdmin):
    """An admin whose objects have buttons; `staff_actions` names the methods, in order."""

    staff_actions: ClassVar[tuple[str, ...]] = ()
    change_form_outer_before_template = "desk/object_top.html"
    # A template with what staff need to know to decide, shown beside the buttons.
    summary_template: ClassVar[str] = ""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.staff_action_view)
        route = path(
            "<path:object_id>/do/<slug:name>/",
            view,
            name=f"{self.opts.app_label}_{self.opts.model_name}_do",
        )
        return [route, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        obj = self.get_object(request, object_id) if object_id else None
        if obj is not None and self.has_view_permission(request, obj):
            context |= self.get_summary(request, obj)
            context["summary_template"] = self.summary_template
            context["staff_actions"] = [
                {"action": action, "url": self.action_url(obj, action.name)}
                for action in self.offered_actions(request, obj)
            ]
        return super().changeform_view(request, object_id, form_url, context)

    def get_summary(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return what the summary template shows beside the object itself."""
        return {}

    def offered_actions(self, request: HttpRequest, obj: Any) -> list[StaffAction]:
        """Return the actions that fit the object's state and this person's permissions."""
        actions = [self._action(name) for name in self.staff_actions]
        return [a for a in actions if request.user.has_perm(a.permission) and a.when(obj)]

    def action_url(self, obj: Any, name: str) -> str:
        key = getattr(obj, "public_id", obj.pk)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_do", args=[key, name])

    def object_url(self, obj: Any) -> str:
        key = getattr(obj, "public_id", obj.pk)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key])

    def staff_action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask what the action needs, then run it; refused without its permission."""
        if name not in self.staff_actions:
            raise Http404
        action = self._action(name)
        obj = self.get_object(request, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        if obj is None:
            raise Http404
        if request.method == "POST":
            return self._submit(request, obj, action)
        if request.method in {"GET", "HEAD"} and action.asks_first:
            return self._ask(request, obj, action, self._form(action, obj))
        return HttpResponseNotAllowed(["POST"])

    def _submit(self, request: HttpRequest, obj: Any, action: StaffAction) -> HttpResponse:
        form = self._form(action, obj, request.POST)
        if form is not None and not form.is_valid():
            return self._ask(request, obj, action, form)
        data: Mapping[str, Any] = form.cleaned_data if form is not None else {}
        try:
            sentence = action.run(self, request, obj, data)
        except DomainError as error:
            return self._refuse(request, obj, action, form, error)
        messages.success(request, str(sentence))
        return redirect(self.object_url(obj))

    def _refuse(
        self,
        request: HttpRequest,
        obj: Any,
        action: StaffAction,
        form: StaffForm | None,
        error: DomainError,
    ) -> HttpResponse:
        """Show a rule's sentence where the person is: at the form, or on the object's page."""
        if form is None:
            messages.error(request, error.sentence(gettext))
            return redirect(self.object_url(obj))
        form.add_error(error.field if error.field in form.fields else None, error.sentence(gettext))
        return self._ask(request, obj, action, form)

    def _ask(
        self, request: HttpRequest, obj: Any, action: StaffAction, form: StaffForm | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": action.label,
            "action": action,
            "form": form,
            "object_url": self.object_url(obj),
        }
        status = 422 if form is not None and form.errors else 200
        return TemplateResponse(request, "desk/action.html", context, status=status)

    def _form(self, action: StaffAction, obj: Any, data: Any = None) -> StaffForm | None:
        return action.form(data, subject=obj) if action.form is not None else None

    def _action(self, name: str) -> StaffAction:
        action: StaffAction = getattr(type(self), name).staff_action
        return action
