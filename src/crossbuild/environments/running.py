"""Running a command inside, as if it had been run where crossbuild was."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossbuild.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""Those that a terminal sends to every process in the foreground: the command gets them without us."""
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


def run_command(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run ``command`` with the standard streams of this process; return its status, or the negative of a signal.

    The signal is the one that it died of. Signals to this process are the command's. Raises CommandError if there is no
    such program on the ``PATH`` of ``environ``. For the main thread only.
    """
    with _signals_passed_on() as pass_to:
        try:
            # The command inherits descriptors: the lock of a temporary environment, and those that the caller opened.
            process = subprocess.Popen(command, env=environ, close_fds=False)
        except OSError as error:
            raise CommandError(
                f"{command[0]} cannot be run.", why=str(error), fix="It is looked for on the environment's PATH."
            ) from None
        pass_to(process)
        return process.wait()


@contextmanager
def _signals_passed_on() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Give the signals to this process to the one that is named inside of the block; until then they wait.

    What is ignored stays so, for the process to inherit it.
    """
    early: list[int] = []
    receive: Callable[[int], None] = early.append

    def pass_to(process: subprocess.Popen[bytes]) -> None:
        nonlocal receive
        receive = process.send_signal
        for number in early:
            process.send_signal(number)

    handlers = dict.fromkeys(_PASSED_ON, lambda number, _: receive(number))
    handlers |= dict.fromkeys(_OF_THE_TERMINAL, lambda *_: None)
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield pass_to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
