"""What every failure of the command line has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


def assert_fails(
    done: subprocess.CompletedProcess[str],
    exit_code: int,
    *words: str,
    nothing_in: Path,
    document: bool = False,
    traceback: bool = False,
) -> None:
    """Assert that it failed with ``exit_code``, said ``words`` and what to do, and delivered nothing.

    ``document``: standard output holds JSON. ``traceback``: a backend's is shown.
    """
    assert done.returncode == exit_code, done.stderr
    assert [word for word in words if word not in done.stderr] == [], done.stderr
    assert "\nerror: " in f"\n{done.stderr}"
    assert "\nhint: " in done.stderr
    assert ("Traceback" in done.stderr) == traceback
    assert bool(done.stdout) == document
    assert not nothing_in.exists() or not any(nothing_in.iterdir())
