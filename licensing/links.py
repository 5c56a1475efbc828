"""Addresses of the customer's and the licence desk's pages, as mails give them."""

from licensing.models import Agreement, KeyRequest, Licence
from portal.kit.urls import absolute


def agreement_url(agreement: Agreement) -> str:
    """Return the public address of the agreement's page."""
    return absolute(f"/o/{agreement.organisation.public_id}/agreements/{agreement.public_id}/")


def licence_url(licence: Licence) -> str:
    """Return the public address of the page that shows the key to those who may see it."""
    organisation = licence.agreement.organisation
    return absolute(f"/o/{organisation.public_id}/licences/{licence.public_id}/")


def key_request_url(key_request: KeyRequest) -> str:
    """Return the public address of the request's page."""
    organisation = key_request.agreement.organisation
    return absolute(f"/o/{organisation.public_id}/requests/{key_request.public_id}/")


def desk_url(key_request: KeyRequest) -> str:
    """Return the address at which staff find the request in their queue."""
    return absolute(f"/admin/licensing/keyrequest/?q={key_request.public_id}")
