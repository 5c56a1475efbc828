"""The webhook's address; mounted at /webhooks/stripe/."""

from django.urls import path

from billing.webhooks.view import receive_event

urlpatterns = [path("", receive_event, name="stripe_webhook")]
