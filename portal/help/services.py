"""Questions that reach the vendor by mail."""

from portal.kit.ratelimit import count_attempt
from portal.notifications.models import Mail
from portal.notifications.services import queue_mail
from portal.vendor.selectors import get_vendor

ENQUIRIES_AN_HOUR = 5


def send_enquiry(*, name: str, email: str, topic: str, message: str, address: str) -> Mail | None:
    """Mail a question to the vendor's support, with the asker as the one to reply to.

    One network address can ask five times an hour; then TooManyRequests, and nothing is sent.
    """
    count_attempt("contact", address, limit=ENQUIRIES_AN_HOUR, seconds=3600)
    vendor = get_vendor()
    return queue_mail(
        kind="contact_message",
        recipients=[vendor.support_email],
        context={
            "name": name,
            "email": email,
            "topic": topic,
            "message": message,
            "organisation_name": "",
        },
        time_zone=vendor.zone,
        reply_to=email,
    )
