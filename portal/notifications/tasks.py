"""Jobs of outgoing mail."""

from celery import shared_task

from portal.notifications import services

PERIODIC = (services.sweep_mails,)


@shared_task(name="notifications.deliver_mail")
def deliver_mail(mail_public_id: str) -> None:
    services.deliver_mail(mail_public_id)
