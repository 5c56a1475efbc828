"""The demo's processes: started together, ended together, and by the guard if need be."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

GUARD: Final = Path(__file__).with_name("guard.py")
# A page that is being served may finish; then whatever still runs is killed.
STOP_SECONDS: Final = 5.0


class Processes:
    """Children in process groups of their own, so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._guard = subprocess.Popen(  # noqa: S603 (our own file)
            [sys.executable, "-S", "-E", str(GUARD)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_all()
        self._guard.communicate(timeout=STOP_SECONDS)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one child; `environment` is all that it gets to see."""
        child = subprocess.Popen(  # noqa: S603 (our own command line)
            command,
            cwd=self._folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._children[name] = child
        self._tell("hold", child)

    def ended(self) -> str | None:
        """Return the name of a child that ended by itself, if one did."""
        ended = (name for name, child in self._children.items() if child.poll() is not None)
        return next(ended, None)

    def _end_all(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            _signal(child, signal.SIGTERM)
        for child in self._children.values():
            try:
                child.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.wait()
            self._tell("release", child)

    def _tell(self, verb: str, child: "subprocess.Popen[bytes]") -> None:
        assert self._guard.stdin is not None  # noqa: S101 (for the type)
        self._guard.stdin.write(f"{verb} {child.pid}\n".encode())
        self._guard.stdin.flush()


def _signal(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signal a child's whole group; once it was waited for, its number may be somebody else's."""
    if child.poll() is None:
        os.killpg(child.pid, number)
