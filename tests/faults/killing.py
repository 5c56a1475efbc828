"""Dying at a chosen moment, as a killed process does: nothing after it runs, nothing cleans up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITES = ("INSERT", "UPDATE", "DELETE")


class Killed(BaseException):
    """Not an Exception, so that no handler takes it for a failure that it may note down."""


@contextmanager
def killed_before_write(number: int) -> Iterator[list[str]]:
    """Die just before the n-th statement that writes; yields the statements that were written."""
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            if len(written) + 1 == number:
                raise Killed(sql)
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield written


def die_after(function: Any) -> Any:
    """Let a call happen, and die before anybody hears of its result."""

    def called(*args: Any, **kwargs: Any) -> Any:
        function(*args, **kwargs)
        raise Killed(function.__name__)

    return called


def die_before(function: Any) -> Any:
    """Die instead of making a call."""

    def not_called(*args: Any, **kwargs: Any) -> Any:
        raise Killed(function.__name__)

    return not_called
