"""The command line as a process of its own: on terminals, and as it starts."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from crossbuild import __version__
from crossbuild.cli.manual import exit_codes

HOST = ["--host", "linux_aarch64"]
BUILD = f"""
import sys, time
from crossbuild import frontend
from crossbuild.__main__ import main

def build(*_, reporter, **__):
    with reporter.step("Compile everything"):
        for line in range(3):
            reporter.output(f"line {{line}} " + "x" * 500)
            time.sleep(0.2)
    return []

frontend.fill_wheelhouse = build
sys.exit(main(["wheel", "thing", *{HOST}]))
"""


def environment(**variables: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"} | variables


def on_terminal(**variables: str) -> str:
    """Run a build with a terminal for its standard error and return what the terminal got."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", BUILD], stderr=theirs, env=environment(TERM="xterm", **variables)
    ) as process:
        os.close(theirs)
        received = b""
        try:
            while chunk := os.read(ours, 4096):
                received += chunk
        except OSError:  # What Linux says when the other side of a terminal is closed.
            pass
    os.close(ours)
    assert process.returncode == 0
    return received.decode()


def test_a_terminal_gets_a_live_line_that_leaves_no_trace() -> None:
    received = on_terminal(COLUMNS="60")
    assert re.search(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\S* Compile everything", received)
    assert "line 2" in received
    assert "x" * 60 not in received, "the line is cut to the width of the terminal"
    assert re.search(r"✓\S* Compile everything", received)
    assert "Compile" not in received.rpartition("\x1b[2K")[2], "the live line is erased in the end"
    assert received.rindex("\x1b[?25h") > received.rindex("\x1b[?25l"), "the cursor is shown again"


def test_a_terminal_without_unicode() -> None:
    received = on_terminal(LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert received.isascii()
    assert "ok" in received


def test_starting_is_cheap() -> None:
    code = (
        "import sys; from crossbuild.__main__ import main; code = main(['wheel', '--help']); heavy = "
        "{'rich', 'unearth', 'auditwheel', 'elftools', 'build', 'packaging'}; "
        "sys.exit(code or ' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--allow-missing-extensions" in done.stdout


def test_the_documented_exit_codes_are_the_real_ones() -> None:
    page = Path(__file__).parents[2] / "docs/reference/exit-codes.md"
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page.read_text(), re.MULTILINE)
    assert rows == exit_codes()


def test_as_a_module() -> None:
    command = [sys.executable, "-m", "crossbuild", "--version"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout == f"crossbuild {__version__}\n"
