"""How the error of a failed build looks: what happened, the compiler's own lines, where to look, what to do."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from crossbuild.cli.display import Display
from crossbuild.errors import BackendError, NetworkError

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.errors import CrossbuildError

SAID = """\
b.c:3:17: error: unknown type name 'thing_t'
    3 | static int size(thing_t *thing) { return 0; }
      |                 ^~~~~~~
b.c:4:1: warning: this is no error: it is unused
Failed command: aarch64-linux-gnu-gcc … -c b.c
[23 more lines in the log]"""
HINT = "Missing: the header thing.h, provided by libthing-dev.\nBuild again with --sysroot-package libthing-dev"
TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def failure(place: Path, why: str = SAID) -> BackendError:
    error = BackendError("Could not build thing: its backend's hook build_wheel failed.", why=why, fix=HINT)
    error.kept, error.log = place, place / "log.txt"
    return error


def shown(error: CrossbuildError, stream: io.StringIO | None = None, *, verbosity: int = 0, columns: int = 80) -> str:
    stream = stream or io.StringIO()
    environ = {**TERMINAL, "COLUMNS": str(columns)}
    Display.from_stream(stream, verbosity=verbosity, live=False, environ=environ).error(error)
    return stream.getvalue()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory; the current one and the home are others."""
    for name in ("here", "home", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "elsewhere"


def test_each_part_comes_once_and_in_order(elsewhere: Path) -> None:
    assert shown(failure(elsewhere)) == (
        "error: Could not build thing: its backend's hook build_wheel failed.\n"
        + "".join(f"  {line}\n" for line in SAID.splitlines())
        + f"log: {elsewhere}/log.txt\nkept: {elsewhere}\n"
        "hint: Missing: the header thing.h, provided by libthing-dev.\n"
        "  Build again with --sysroot-package libthing-dev\n"
    )


def test_an_error_without_a_hint_ends_with_what_there_is(elsewhere: Path) -> None:
    error = failure(elsewhere)
    error.fix = ""
    assert shown(error).endswith(f"kept: {elsewhere}\n")


def test_nothing_is_broken_within_a_word_in_fifty_columns(elsewhere: Path) -> None:
    error = failure(elsewhere)
    error.kept = error.log = None
    lines = plain(shown(error, Terminal(), columns=50)).splitlines()
    assert lines == [
        "error: Could not build thing: its backend's hook",
        "  build_wheel failed.",
        "  b.c:3:17: error: unknown type name 'thing_t'",
        "      3 | static int size(thing_t *thing) { return",
        "        0; }",
        "        |                 ^~~~~~~",
        "  b.c:4:1: warning: this is no error: it is unused",
        "  Failed command: aarch64-linux-gnu-gcc … -c b.c",
        "  [23 more lines in the log]",
        "hint: Missing: the header thing.h, provided by",
        "  libthing-dev.",
        "  Build again with --sysroot-package libthing-dev",
    ]


def test_where_to_look_is_written_as_short_as_it_can_be_typed(elsewhere: Path) -> None:
    here, home = elsewhere.with_name("here"), elsewhere.with_name("home")
    assert "log: build/log.txt\nkept: build\n" in shown(failure(here / "build"))
    assert "log: ~/build/log.txt\nkept: ~/build\n" in shown(failure(home / "build"))
    assert f"log: {here}/build/log.txt\nkept: {here}/build\n" in shown(failure(here / "build"), verbosity=1)


def test_where_to_look_is_shown_though_the_current_directory_is_gone(elsewhere: Path) -> None:
    elsewhere.with_name("here").rmdir()
    assert f"kept: {elsewhere}\n" in shown(failure(elsewhere))


def test_hashes_do_not_fill_the_screen(elsewhere: Path) -> None:
    sha256 = "09db70a523a96d25e115e71cc56a6f9031e7b8cd166c1ac8438307c140580001"
    error = NetworkError(
        f"https://example.org/packages/65/6e/{sha256[2:]}/thing-1.0.tar.gz does not match its hash.",
        why=f"Expected sha256:{sha256}, got sha256:{sha256[::-1]}.",
        fix=f"thing==1.0 --hash=sha256:{sha256}",
    )
    assert shown(error) == (
        "error: https://example.org/packages/65/6e/db70a523a96d…/thing-1.0.tar.gz does not match its hash.\n"
        "  Expected sha256:09db70a523a9…, got sha256:100085041c70….\n"
        f"hint: thing==1.0 --hash=sha256:{sha256}\n"
    )
    assert sha256[::-1] in shown(error, verbosity=1)


def test_the_compilers_words_stand_out_on_a_terminal(elsewhere: Path) -> None:
    text = shown(failure(elsewhere), Terminal(), columns=200)
    assert "\x1b[1mb.c:3:17\x1b[0m: \x1b[1;31merror:\x1b[0m unknown type name" in text
    assert "\x1b[1;32m                 ^~~~~~~\x1b[0m" in text
    assert "\x1b[1;35mwarning:\x1b[0m" in text
    assert "\x1b[2m[23 more lines in the log]\x1b[0m" in text
    assert plain(text) == shown(failure(elsewhere))


def test_colours_of_a_compilers_own_stay_as_they_are(elsewhere: Path) -> None:
    own = "\x1b[1mb.c:3:17: \x1b[0m\x1b[1;36merror: \x1b[0munknown type name 'thing_t'"
    assert "\x1b[1;36merror: \x1b[0m" in shown(failure(elsewhere, own), Terminal())
    assert "\x1b" not in shown(failure(elsewhere, own))
