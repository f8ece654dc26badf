"""Running a command inside, as if it had been run where crossbuild was."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

_OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""Those that a terminal sends to every process in the foreground: the command gets them without us."""
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def run_command(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run ``command`` with the standard streams of this process; return its status, or the negative of a signal.

    The signal is the one that it died of. Signals to this process are the command's. Raises CommandError if there is no
    such program on the ``PATH`` of ``environ``. For the main thread only.
    """
    try:
        process = subprocess.Popen(command, env=environ)
    except OSError as error:
        raise CommandError(
            f"{command[0]} cannot be run.", why=str(error), fix="It is looked for on the environment's PATH."
        ) from None
    with _signals_for(process):
        return process.wait()


@contextmanager
def _signals_for(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    before |= {number: signal.signal(number, lambda *_: None) for number in _OF_THE_TERMINAL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
