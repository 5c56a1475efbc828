"""Ends the demo's processes when their supervisor is gone, however it went: SIGKILL too.

A process of its own, fed through a pipe that only the supervisor holds open: "hold 123" and
"release 123" name process groups, and the end of the pipe is the end of the supervisor.
Standard library only, so that it starts at once.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Final

POLITE_SECONDS: Final = 2.0


def guard(lines: Iterable[str]) -> None:
    """Follow the lines to their end, then end every group that is still held."""
    held: set[int] = set()
    for line in lines:
        verb, _, group = line.strip().partition(" ")
        if verb == "hold":
            held.add(int(group))
        elif verb == "release":
            held.discard(int(group))
    if not held:
        return
    _send(held, signal.SIGTERM)
    deadline = time.monotonic() + POLITE_SECONDS
    while held and time.monotonic() < deadline:
        time.sleep(0.05)
        held = {group for group in held if _lives(group)}
    _send(held, signal.SIGKILL)


def _send(groups: Iterable[int], number: signal.Signals) -> None:
    for group in groups:
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            continue


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    guard(sys.stdin)
