"""Addresses of staff pages, and what a page says."""

from django.urls import reverse


def list_of(model: str) -> str:
    return reverse(f"admin:{model}_changelist")


def page_of(model: str, obj) -> str:
    return reverse(f"admin:{model}_change", args=[getattr(obj, "public_id", obj.pk)])


def action(model: str, obj, name: str) -> str:
    return reverse(f"admin:{model}_do", args=[getattr(obj, "public_id", obj.pk), name])


def said(response) -> list[str]:
    """Return the sentences that the page after an action shows."""
    return [str(message) for message in response.context["messages"]]
