"""Two at once: row locks that only a real server database shows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier

import pytest
from django.db import connection

from licensing.models import Agreement, KeyRequest, Licence
from licensing.services.agreements import cancel_agreement
from licensing.services.errors import (
    AgreementExists,
    AgreementNotActive,
    KeyAlreadyIssued,
    KeyOnItsWay,
    TooManyReissues,
)
from licensing.services.key_requests import request_reissue
from licensing.services.keys import issue_key
from portal.kit.errors import DomainError
from portal.kit.transitions import IllegalTransition
from portal.notifications.models import Mail, MailStatus
from portal.notifications.services import deliver_mail
from tests.licensing.conftest import PERSON, STAFF

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each in a thread and connection of its own, and return results or refusals."""
    start = Barrier(len(works))
    # Each thread sees the time that the test pretends.
    contexts = [copy_context() for _ in works]

    def run(work: Callable[[], object]) -> object:
        start.wait(timeout=10)
        try:
            return work()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(lambda context, work: context.run(run, work), contexts, works))


def test_given_two_who_issue_at_once_then_there_is_one_licence_and_one_mail(key_request):
    def issue():
        return issue_key(key_request=key_request, issued_by="Desk", actor=STAFF)

    results = at_once(issue, issue, issue)
    assert Licence.objects.count() == 1
    assert Mail.objects.filter(kind="key_issued").count() == 1
    assert sum(isinstance(result, KeyAlreadyIssued) for result in results) == 2


def test_given_a_key_issued_while_its_agreement_is_cancelled_then_no_key_stays_active(key_request):
    results = at_once(
        lambda: issue_key(key_request=key_request, issued_by="Desk", actor=STAFF),
        lambda: cancel_agreement(agreement=key_request.agreement, reason="Refunded.", actor=STAFF),
    )
    assert isinstance(results[1], Agreement)
    assert isinstance(results[0], Licence | AgreementNotActive | IllegalTransition)
    assert not Licence.objects.filter(status="active").exists()


def test_given_two_who_ask_for_a_lost_key_at_once_then_one_request_opens(licence, customer):
    def ask():
        return request_reissue(
            agreement=licence.agreement, reason="Lost.", person=customer.owner, actor=PERSON
        )

    results = at_once(ask, ask)
    assert KeyRequest.objects.filter(kind="reissue").count() == 1
    assert sum(isinstance(result, KeyOnItsWay | TooManyReissues) for result in results) == 1


def test_given_two_orders_accepted_at_once_then_one_agreement_opens(grant):
    results = at_once(lambda: grant(order_id="ord_1"), lambda: grant(order_id="ord_2"))
    assert Agreement.objects.count() == 1
    assert KeyRequest.objects.count() == 1
    assert sum(isinstance(result, AgreementExists) for result in results) == 1


def test_given_two_workers_with_one_mail_then_it_goes_out_once(licence, mailoutbox):
    mail = Mail.objects.get(kind="key_issued")
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.QUEUED, attempts=0)
    mailoutbox.clear()
    results = at_once(*[lambda: deliver_mail(mail.public_id)] * 4)
    assert sorted(map(bool, results)) == [False, False, False, True]
    assert len(mailoutbox) == 1
