"""The customer's answer to the licence desk's question.

An order may wait for the same answer (a paid order that was returned for a correction). The app
that knows orders stands above licensing, so it hands its service in with `answer_through`.
"""

from typing import Protocol

from licensing.models import KeyRequest
from licensing.services.key_requests import answer_question
from portal.audit.services import Actor


class AnswerService(Protocol):
    """Takes an answer and starts the clock again; refuses where none is awaited."""

    def __call__(self, *, key_request: KeyRequest, answer: str, actor: Actor) -> KeyRequest: ...


_services: list[AnswerService] = [answer_question]


def answer_through(service: AnswerService) -> None:
    """Let another app's service take the answers from now on."""
    _services[:] = [service]


def take_answer(*, key_request: KeyRequest, answer: str, actor: Actor) -> KeyRequest:
    """Hand an answer to the service in charge. Raises NotWaiting, TextMissing and TextTooLong."""
    return _services[0](key_request=key_request, answer=answer, actor=actor)
