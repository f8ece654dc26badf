"""Logins that must not be seen, in whatever text they come."""

from __future__ import annotations

import json
import shlex
import sys
import time
from typing import TYPE_CHECKING

import pytest

from crossbuild.cli.app import main
from crossbuild.cli.display import Display
from crossbuild.errors import UsageError
from crossbuild.redaction import holds_login, holds_secret, redacted_text, without_login
from crossbuild.reporting import SilentReporter
from crossbuild.system.processes import CommandFailedError, Runner

if TYPE_CHECKING:
    from pathlib import Path

SECRET = [
    ("https://me:canary@example.org/simple", "https://****@example.org/simple"),
    ("https://canary@example.org:8443/simple", "https://****@example.org:8443/simple"),
    ("https://me:c%40n%2Fry@example.org/", "https://****@example.org/"),
    ("https://me:can@ary@example.org/", "https://****@example.org/"),
    ("https://me:can/ary@example.org/", "https://****@example.org/"),
    ("git+https://canary@example.org/x@v1", "git+https://****@example.org/x@v1"),
    ("git+ssh://git:canary@example.org/x", "git+ssh://****@example.org/x"),
    ("https://me:ca'nary@example.org/", "https://****@example.org/"),
    ("https://me:can#ary?@example.org/", "https://****@example.org/"),
    ("copy:x, 'https://:canary@a/', \"http://me:canary@b\"", "copy:x, 'https://****@a/', \"http://****@b\""),
]
NO_LOGIN_OF_A_URL = [
    ("me:canary@example.org/simple", "****@example.org/simple"),
    ("'me:canary@example.org/simple'", "'****@example.org/simple'"),
    ("https://example.org/x?token=canary&a=b", "https://example.org/x?token=****&a=b"),
    ("https://example.org/x?a=b&X-Amz-Signature=canary", "https://example.org/x?a=b&X-Amz-Signature=****"),
    ("Authorization: Basic bWU6Y2FuYXJ5", "Authorization: Basic ****"),
    ("{'authorization': 'Bearer canary'}", "{'authorization': 'Bearer ****'}"),
]
HARMLESS = [
    "https://example.org/simple",
    "https://example.org:8443/x@v1",
    "git+ssh://git@example.org/x@v1",
    "name @ https://example.org/name-1.0.tar.gz",
    "somebody@example.org",
    "git@example.org:me/x.git",
    "main.o:memcpy@GLIBC_2.14: undefined",
    "image:1.0@sha256:0123",
    "thing:arm64=1.0, other@2",
    "https://example.org/x?tag=1&sort=new",
]
LOGIN = "https://me:canary@example.org/simple"


@pytest.mark.parametrize(("text", "shown"), SECRET)
def test_logins_are_not_shown(text: str, shown: str) -> None:
    assert redacted_text(f"see {text}, there") == f"see {shown}, there"
    assert redacted_text(shown) == shown
    assert holds_login(text)
    assert holds_secret(text)


@pytest.mark.parametrize(("text", "shown"), NO_LOGIN_OF_A_URL)
def test_what_else_gives_access_is_not_shown(text: str, shown: str) -> None:
    assert redacted_text(f"see {text} there") == f"see {shown} there"
    assert not holds_login(text)
    assert holds_secret(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_login_is_shown(text: str) -> None:
    assert redacted_text(text) == without_login(text) == text
    assert not holds_login(text)
    assert not holds_secret(text)


def test_an_address_without_its_login() -> None:
    assert without_login(LOGIN) == "https://example.org/simple"


def test_an_error_holds_none() -> None:
    error = UsageError(f"{LOGIN} is bad", why=f"about {LOGIN}", fix=f"leave {LOGIN}")
    assert "canary" not in "".join((str(error), repr(error), error.what, error.why, error.fix))


def test_nothing_that_a_program_says_is_kept_with_one(tmp_path: Path) -> None:
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
    command = [sys.executable, "-c", f"print('fetching {LOGIN}'); raise SystemExit(3)"]
    with pytest.raises(CommandFailedError) as caught:
        runner.run(command, environ={})
    assert "canary" not in (tmp_path / "log.txt").read_text() + str(caught.value) + caught.value.output
    assert "https://****@example.org/simple" in (tmp_path / "log.txt").read_text()


def test_what_a_program_is_told_is_in_no_log(tmp_path: Path) -> None:
    runner = Runner(log=tmp_path / "log.txt", reporter=SilentReporter())
    count = "import sys; print(len(sys.stdin.read()), len(open('/dev/stdin').read()))"
    assert runner.run([sys.executable, "-c", count], environ={}, stdin="canary") == "6 0\n"
    assert "canary" not in (tmp_path / "log.txt").read_text()


def test_the_terminal_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display.from_stream(sys.stderr, verbosity=2)
    with display.step(LOGIN):
        display.note(LOGIN)
        display.warning(LOGIN)
        display.command(shlex.join(["git", "clone", LOGIN]))
        display.output(LOGIN)
        display.block(f"{LOGIN}\n{LOGIN}")
        assert "canary" not in str(display.running)
    said = capsys.readouterr().err
    assert said.count("https://****@example.org/simple") >= 7
    assert "canary" not in said


@pytest.mark.parametrize("words", [[LOGIN], ["wheel", f"--{LOGIN}", "x"], ["wheel", "x", "--host", "y", "-j", LOGIN]])
def test_a_command_line_that_is_wrong_is_not_repeated_with_one(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--json"]) == 2
    said = capsys.readouterr()
    assert "canary" not in said.out + said.err
    assert json.loads(said.out)["error"]["what"]


@pytest.mark.parametrize("piece", ["a", "a:b,", "http://a:b,", "&token", "=a:"])
def test_long_lines_take_no_time(piece: str) -> None:
    line = f"me@ = {piece * (50_000 // len(piece))}"
    started = time.process_time()
    assert redacted_text(line) == line
    assert time.process_time() - started < 10
