"""Command lines and environments that nobody can mean: each gets a sentence, and the code of its kind."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import click
import pytest

from crossbuild.__main__ import main
from crossbuild.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TAG = "manylinux_2_28_aarch64"
Said = tuple[int, str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Return a function that runs a command line beside a project, and returns its exit code and what it said."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").touch()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    for name in ("CROSSBUILD_HOST", "CROSSBUILD_MIRROR", "CROSSBUILD_KEYRING", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)
    # Nothing can be built: what is refused, is refused before.
    for name, value in {"PIP_NO_INDEX": "1", "PATH": "", "CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> Said:
        code = main(words)
        said = capsys.readouterr()
        assert not said.out
        assert "Traceback" not in said.err
        return code, said.err

    return run


@pytest.fixture
def build(run: Callable[..., Said]) -> Callable[..., Said]:
    return lambda *words: run("wheel", "./project", "--host", TAG, *words)


def commands(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        elif not command.hidden:
            yield (*above, name), command


COMMANDS = dict(commands(app))


def options(command: click.Command) -> list[click.Option]:
    """Return the options of ``command`` that take a value."""
    found = [one for one in command.params if isinstance(one, click.Option)]
    return [one for one in found if not (one.is_flag or one.count or one.hidden)]


def refusal(command: click.Command, *words: str) -> str:
    with pytest.raises(click.UsageError) as caught:
        command.main(list(words), prog_name="crossbuild", standalone_mode=False)
    return caught.value.format_message()


def test_there_are_options_to_try() -> None:
    assert {("wheel",), ("host", "export"), ("sysroot", "create")} < set(COMMANDS)
    assert {"--host", "--wheel-dir", "--lock"} < {name for one in options(COMMANDS["wheel",]) for name in one.opts}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_option_takes_nothing_for_a_value(words: tuple[str, ...]) -> None:
    for option in options(COMMANDS[words]):
        for name, value in ((option.opts[0], ""), (option.opts[-1], " ")):
            said = refusal(COMMANDS[words], name, value)
            assert option.opts[0] in said
            assert "It is empty" in said


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_option_of_one_value_is_given_twice(words: tuple[str, ...]) -> None:
    """Of two values, one would be dropped silently."""
    for option in options(COMMANDS[words]):
        if not option.multiple:
            for name in option.opts:
                said = refusal(COMMANDS[words], name, "one", name, "two")
                assert said == f"{name} is given 2 times, but takes one value. Give it once."
            for first, second in itertools.pairwise(option.opts):
                said = refusal(COMMANDS[words], second, "two", first, "one")
                assert said == f"{first} and {second} are the same option, which takes one value. Give it once."


def test_a_second_host_is_refused(build: Callable[..., Said]) -> None:
    code, said = build("--host", "linux_riscv64")
    assert code == 2
    assert "--host is given 2 times" in said


def test_what_may_be_repeated_may(build: Callable[..., Said]) -> None:
    code, said = build("--config-setting", "a=1", "-C", "a=2", "-q", "--keep", "--keep", "--sysroot", "/no/such/dir")
    assert code == 2
    assert "/no/such/dir" in said


def test_help_is_given_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wheel", "--host", "", "--host", "a", "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_two_forms_of_an_environment_exclude_each_other(run: Callable[..., Said]) -> None:
    code, said = run("env", "there", "--host", TAG, "--github", "--shell")
    assert code == 2
    assert "--github and --shell exclude each other" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--sysroot /no/such/dir", "The sysroot /no/such/dir is not a directory"),
        ("--sysroot project/pyproject.toml", "is not a directory"),
        ("-j 99999999999999999999", "99999999999999999999 compilers cannot run at once"),
        ("-j 4097", "from 1 to 4096"),
        ("-j 0", "0 is not in the range"),
        ("-j -1", "-1 is not in the range"),
        ("-j 1.5", "'1.5' is not a valid integer"),
        ("--python 3.999999999", "'3.999999999' is not X.Y"),
        ("--sysroot-package -o=Dir::Etc=x", "'-o=Dir::Etc=x' is not the name of a package"),
        ("--host-requires --prefer", "'--prefer' is not a requirement"),
        ("--env SOURCE_DATE_EPOCH", "changes no variable"),
        ("--build-constraint project", "is a directory"),
        ("--build-constraint /dev/zero", "is not a regular file"),
        ("--keyring /dev/zero", "is not a regular file"),
        ("--mirror bogus", "bogus is not a directory"),
        ("--mirror http://host:port/debian", "its host or its port is malformed"),
        ("--mirror http:///debian", "its host or its port is malformed"),
        ("--snapshot yesterday", "'yesterday' is not the time of a snapshot"),
        ("--snapshot 20261301T000000Z", "is not the time of a snapshot"),
        ("--snapshot 20260101T000000Z --mirror http://host/debian", "exclude each other"),
        ("--index file/x", "file/x cannot be written to: Not a directory"),
        ("--index /proc/x/y", "/proc/x/y cannot be written to"),
        ("--wheel-dir file/x", "file/x cannot be written to: Not a directory"),
        ("--wheel-dir /proc", "/proc cannot be written to"),
        ("--lock project", "is a directory"),
        ("--lock no/such/file", "There is no directory no/such"),
        ("--lock /proc/x", "/proc/x cannot be written to"),
        (f"--lock {'x' * 250}", "cannot be written to: File name too long"),
    ],
)
def test_values_that_cannot_be_meant(build: Callable[..., Said], words: str, says: str) -> None:
    code, said = build(*words.split())
    assert code == 2
    assert says in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("install ./project --root root --prefix usr", "'usr' is not an absolute path"),
        ("uninstall project --root root --prefix ../usr", "'../usr' is not an absolute path"),
        ("install ./project --root file/x", "file/x cannot be written to"),
        ("install ./project --target file/x", "file/x cannot be written to"),
        ("install ./project --root root --manifest /proc/x", "/proc/x cannot be written to"),
        ("install ./project --root root --sbom project", "is a directory"),
        ("install ./project --root root --lock /proc/x", "/proc/x cannot be written to"),
        ("env file/x", "file/x cannot be written to"),
    ],
)
def test_places_that_cannot_be_meant(run: Callable[..., Said], words: str, says: str) -> None:
    code, said = run(*words.split(), "--host", TAG)
    assert code == 2
    assert says in said


@pytest.mark.parametrize("words", ["-o file/x", "-o /proc/x/y", "--lock /proc/x", "--mirror bogus", "--snapshot then"])
def test_a_sysroot_that_cannot_be_meant(run: Callable[..., Said], words: str) -> None:
    code, said = run("sysroot", "create", "debian:bookworm:arm64", *words.split())
    assert code == 2
    assert said


@pytest.mark.parametrize("mirror", ["bogus", "http://host:port/debian"])
def test_a_mirror_of_the_environment_that_is_none(
    build: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, mirror: str
) -> None:
    monkeypatch.setenv("CROSSBUILD_MIRROR", mirror)
    code, said = build()
    assert code == 2
    assert "mirror" in said


def test_output_may_go_to_a_pipe(run: Callable[..., Said], tmp_path: Path) -> None:
    """As to a device, it is written as it is: to replace /dev/null by a file would harm the whole machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # holds what is written, so that nobody waits
    try:
        assert run("host", "capture", "-o", str(pipe)) == (0, "")
        assert pipe.is_fifo()
        assert b"import" in os.read(reader, 1 << 16)
    finally:
        os.close(reader)


def test_a_netrc_without_an_end(build: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"machine \xff login a password b")
    for file in ("/dev/zero", str(tmp_path / "pipe"), str(tmp_path / "bytes")):
        monkeypatch.setenv("NETRC", file)
        code, said = build()
        assert code == 2
        assert f"The netrc file {file} cannot be read" in said


@pytest.mark.parametrize("file", ["/dev/null", "/no/such/netrc", "/"])
def test_a_netrc_that_says_nothing(build: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.setenv("NETRC", file)
    code, said = build("--python", "3.99")
    assert code == 4
    assert "netrc" not in said


_PATHS = ("sysroot", "toolchain", "index-url", "find-links", "lock", "wheel-dir", "index", "headers", "cache-dir")


@pytest.mark.parametrize("path", ["/" + "a" * 300, "/" + "ab/" * 2000 + "x"], ids=["name", "path"])
@pytest.mark.parametrize("option", [*_PATHS, "sysconfigdata", "build-constraint", "keyring", "mirror"])
def test_a_path_that_is_too_long(build: Callable[..., Said], option: str, path: str) -> None:
    code, said = build(f"--{option}", path)
    # To pathlib of Python 3.14, what cannot be looked at is not there: there is no such compiler.
    assert code in ((2, 5) if option == "toolchain" else (2,))
    assert said


_STEERING = "\x1b[31m\x07\x08\x9b\u202e"


@pytest.mark.parametrize(
    "option", ["host", "toolchain", "sysroot", "mirror", "index-url", "find-links", "python", "lock"]
)
def test_no_value_steers_the_terminal(run: Callable[..., Said], option: str) -> None:
    value = f"no/{_STEERING}/such"
    words = [] if option == "host" else ["--host", TAG]
    code, said = run("wheel", "./project", *words, f"--{option}={value}")
    assert code
    assert not set(said) & set("\x1b\x07\x08\x9b\u202e")


@pytest.mark.parametrize("value", ["", "abc", "-1", "1.5", "0x10", " ", "1 ", "4354819200", "9" * 30, "²", "\uff11"])
def test_a_time_of_sources_that_is_none(
    build: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    code, said = build()
    assert code == 2
    assert "SOURCE_DATE_EPOCH is" in said
    assert "not a number of seconds since 1970" in said


@pytest.mark.parametrize("host", ["a\0b", "\n", "a\nb"])
def test_a_host_with_odd_characters(run: Callable[..., Said], host: str) -> None:
    code, said = run("wheel", "./project", f"--host={host}")
    assert code in {2, 3}
    assert said


def test_an_argument_that_is_empty(run: Callable[..., Said]) -> None:
    for words in (("env", ""), ("check", ""), ("sdist-to-wheel", "")):
        code, said = run(*words, "--host", TAG)
        assert code == 2
        assert "It is empty" in said


@pytest.mark.parametrize(
    "spec",
    [
        "~nobody-of-that-name/x",
        "a" * 5000,
        "",
        " ",
        "a==" + "9" * 5000,
        "a; os_name ~= 'x'",
        "-r",
        "a @ git+file:///x@-u=y",
    ],
)
def test_a_spec_that_is_none(run: Callable[..., Said], spec: str) -> None:
    code, said = run("wheel", "--host", TAG, "--", spec)
    assert code == 2
    assert len(said) < 2000


@pytest.mark.parametrize("proxy", ["::", "http://h:port", "bogus://h"])
def test_a_proxy_that_is_none(run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("ALL_PROXY", proxy)
    code, said = run("wheel", "a", "--no-deps", "--host", TAG, "-i", "http://127.0.0.1:1/simple")
    assert code == 2
    assert "The address of a proxy cannot be used" in said
