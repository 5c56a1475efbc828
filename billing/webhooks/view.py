"""Where Stripe's events arrive: verify, store, answer. The work comes after."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.stripe.errors import BadWebhook, WebhookFault
from billing.stripe.webhook import verify_webhook
from billing.webhooks.inbox import read_payload, store_event
from portal.kit import clock

# Stripe's events have some kilobytes.
LARGEST_BODY = 512 * 1024


@csrf_exempt
@require_POST
def receive_event(request: HttpRequest) -> HttpResponse:
    """Answer 200 once the event is stored, and 400 with a code for what is not believed.

    No session or cookie is read here; the signature is the only credential.
    """
    try:
        body = _body(request)
        envelope = verify_webhook(
            payload=body,
            signature=request.headers.get("Stripe-Signature", ""),
            secret=settings.STRIPE_WEBHOOK_SECRET,
            now=clock.now(),
        )
    except BadWebhook as error:
        return JsonResponse(
            {"code": error.code, "detail": error.sentence(gettext)}, status=error.status
        )
    store_event(envelope=envelope, payload=read_payload(body))
    return JsonResponse({"received": envelope.id})


def _body(request: HttpRequest) -> bytes:
    """Read the body if its size is announced and reasonable; Stripe always announces it."""
    announced = request.headers.get("Content-Length", "")
    if not announced.isdecimal() or int(announced) > LARGEST_BODY:
        raise BadWebhook(WebhookFault.BAD_BODY, f"Content-Length {announced!r}")
    return request.body
