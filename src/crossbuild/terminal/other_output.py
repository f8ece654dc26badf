"""What other code writes to the standard streams while something moves at the bottom of the terminal."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import TextIO

    Aside = Callable[[], AbstractContextManager[None]]


@dataclass(eq=False, kw_only=True)
class _OwnLines:
    """A text stream that writes whole lines to ``stream``, each within a block of ``aside``.

    It may lead to the same terminal by any way, such as through a pipe and ``tee``.
    """

    stream: TextIO
    aside: Aside
    _begun: str = ""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def write(self, text: str) -> int:
        """Write the lines that end in ``text``."""
        with self._lock:
            lines, end, self._begun = (self._begun + text).rpartition("\n")
            if end:
                with self.aside():
                    self.stream.write(lines + end)
                    self.stream.flush()
        return len(text)

    def flush(self) -> None:
        """Do nothing: a line that has begun would be erased."""

    def close_line(self) -> None:
        """Write the line that has begun."""
        if self._begun:
            self.stream.write(self._begun)
            self._begun = ""

    def __getattr__(self, name: str) -> Any:
        """Be like the stream in all else."""
        return getattr(self.stream, name)


@contextmanager
def in_lines(aside: Aside) -> Iterator[None]:
    """Let whoever writes to a standard stream in the block do so within a block of ``aside``, a line at a time."""
    out, err = (_OwnLines(stream=stream, aside=aside) for stream in (sys.stdout, sys.stderr))
    with ExitStack() as ends:
        ends.callback(out.close_line)
        ends.callback(err.close_line)
        ends.enter_context(redirect_stdout(cast("TextIO", out)))
        ends.enter_context(redirect_stderr(cast("TextIO", err)))
        yield
