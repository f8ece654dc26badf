from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild import frontend
from crossbuild.__main__ import main
from crossbuild.errors import AuditError, BackendError, CrossbuildError, SourceError
from crossbuild.frontend import BuiltWheel
from crossbuild.host.host_request import HostRequest
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.options.environment_changes import EnvironmentChange
from crossbuild.requirements.request import Request
from crossbuild.terminal import live, terminal_reporter
from crossbuild.wheelhouse.make import Wheelhouse
from crossbuild.wheels.bundled import BundledLibrary

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.reporting import Reporter

WHEEL = BuiltWheel(
    path=Path("dist/thing-1.0-cp311-cp311-linux_aarch64.whl"),
    name="thing",
    version="1.0",
    tags=("cp311-cp311-linux_aarch64",),
    size=7_234_567,
    sha256="ab" * 32,
    seconds=93.25,
    elf_files=3,
    bundled_libraries=(BundledLibrary(soname="libx.so.1", path="thing.libs/libx-1.so.1", sha256="cd" * 32),),
)
HOST = ["--host", "linux_aarch64"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CROSSBUILD_HOST", "CROSSBUILD_CACHE_DIR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


class Frontend:
    """Stands in for the builds: remembers what it was asked, and does what a test says."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.act: Callable[[Reporter], None] = lambda _: None

    @property
    def options(self) -> BuildOptions:
        found = self.asked["options"]
        assert isinstance(found, BuildOptions)
        return found

    def fill_wheelhouse(
        self, request: Request, wheelhouse: Wheelhouse, *, reporter: Reporter, **asked: Any
    ) -> list[BuiltWheel]:
        self.asked = {"request": request, "wheelhouse": wheelhouse} | asked
        self.act(reporter)
        return [WHEEL] * len(request.specs)

    def sdist_to_wheel(self, path: Path, *, reporter: Reporter, **asked: Any) -> BuiltWheel:
        self.asked = {"path": path} | asked
        self.act(reporter)
        return WHEEL


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Frontend:
    stand_in = Frontend()
    monkeypatch.setattr(frontend, "fill_wheelhouse", stand_in.fill_wheelhouse)
    monkeypatch.setattr(frontend, "sdist_to_wheel", stand_in.sdist_to_wheel)
    return stand_in


def work(reporter: Reporter) -> None:
    with reporter.step("Build [thing]"):
        reporter.note("toolchain: zig 0.17")
        with reporter.step("Install build requirements"):
            reporter.command("uv pip install 'setuptools>=61'")
            reporter.output("\x1b[32mInstalled\x1b[0m [bold]1 package[/bold]\r")
        reporter.warning("the sky is grey")


def located(error: CrossbuildError, *, log: Path, kept: Path | None = None) -> CrossbuildError:
    error.log, error.kept = log, kept
    return error


def failing(error: BaseException) -> Callable[[Reporter], None]:
    def act(reporter: Reporter) -> None:
        with reporter.step("Run build_wheel"):
            raise error

    return act


# --- Words to values -----------------------------------------------------------------------------------------------


def test_the_defaults(builds: Frontend) -> None:
    assert main(["wheel", "thing", "./other", *HOST]) == 0
    assert builds.asked["request"] == Request(specs=("thing", "./other"), build_named=True)
    assert builds.asked["wheelhouse"] == Wheelhouse(wheel_dir=Path())
    assert builds.asked["fail_fast"] is False
    assert builds.asked["environ"] is os.environ
    assert builds.options == BuildOptions(host="linux_aarch64")


def test_every_option(builds: Frontend, tmp_path: Path) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.touch()
    words = (
        "wheel thing --host H --python 3.12 --toolchain gnu --cc cc1 --cxx c++1 --ar ar1 --fc f1 --sysroot /s "
        "-C one=1 -C many=a -Cmany=b=c --config-setting many= --no-deps --index-url https://i "
        "--extra-index-url https://a --extra-index-url https://b --find-links l --offline --cache-dir /c -j 3 --keep "
        f"--allow-missing-extensions -w {tmp_path} --build-python {sys.executable} --build-constraint {constraints}"
    )
    assert main(words.split()) == 0
    options = builds.options
    assert (options.host, options.python, options.sysroot, options.jobs) == ("H", (3, 12), Path("/s"), 3)
    assert options.toolchain.choice == "gnu"
    assert [options.toolchain.cc, options.toolchain.cxx, options.toolchain.ar, options.toolchain.fc] == [
        "cc1",
        "c++1",
        "ar1",
        "f1",
    ]
    assert options.config_settings == {"one": "1", "many": ["a", "b=c", ""]}
    assert options.build_constraints == (constraints,)
    assert options.build_python == Path(sys.executable)
    assert (options.index.index_url, options.index.extra_index_urls) == ("https://i", ("https://a", "https://b"))
    assert (options.index.find_links, options.index.offline, options.cache_dir) == (("l",), True, Path("/c"))
    assert options.keep
    assert options.allow_missing_extensions
    assert builds.asked["wheelhouse"] == Wheelhouse(wheel_dir=tmp_path)
    assert not builds.asked["request"].dependencies


def test_every_option_of_a_set(builds: Frontend, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("requirements.txt", "constraints.txt")]
    for file in files:
        file.touch()
    words = (
        f"wheel -r {files[0]} -c {files[1]} --group dev --group pkg/pyproject.toml:test --no-binary A_b,c "
        "--no-binary d --only-binary x --only-binary :none: --only-binary :all: --prefer-binary --pre --require-hashes "
        f"--fail-fast --lock {tmp_path}/pylock.toml --index {tmp_path}/index --no-index -f links -i https://i"
    )
    assert main([*words.split(), *HOST]) == 0
    assert builds.asked["request"] == Request(
        files=(files[0],),
        constraints=(files[1],),
        groups=("dev", "pkg/pyproject.toml:test"),
        build_named=True,
        pre=True,
        prefer_binary=True,
        no_binary=frozenset({"a-b", "c", "d"}),
        only_binary=frozenset({":all:"}),
        require_hashes=True,
    )
    house = Wheelhouse(wheel_dir=Path(), index_dir=tmp_path / "index", lock=tmp_path / "pylock.toml")
    assert builds.asked["wheelhouse"] == house
    assert builds.asked["fail_fast"]
    assert builds.options.index == IndexOptions(index_url="https://i", find_links=("links",), no_index=True)


def test_what_is_known_better_of_the_host(builds: Frontend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vars.py").touch()
    words = (
        "wheel thing --host H --python 3.13td --machine armv6l --platform-tag manylinux_2_28 --manylinux manylinux2014 "
        "--config-var A=b=c --config-var CFLAGS= --config-var A=d --sysconfigdata vars.py --headers . "
        "--relative-toolchain --provision --env A=b --env PATH:=/x"
    )
    assert main(words.split()) == 0
    options = builds.options
    assert options.python == (3, 13)
    assert options.host_request == HostRequest(
        abi_flags="td",
        sysconfigdata=tmp_path / "vars.py",
        headers=tmp_path,
        machine="armv6l",
        platform_tags=("manylinux_2_28", "manylinux2014"),
        config_vars={"A": "d", "CFLAGS": ""},
    )
    assert options.environment_changes == (
        EnvironmentChange(name="A", operator="=", value="b"),
        EnvironmentChange(name="PATH", operator=":=", value="/x"),
    )
    assert (options.toolchain.relative, options.provision) == (True, True)
    main(["wheel", "thing", *HOST, "--sysconfigdata-file", "vars.py"])
    assert builds.options.host_request.sysconfigdata == tmp_path / "vars.py"


def test_variables_stand_in_for_options(builds: Frontend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSBUILD_HOST", "from-environment")
    monkeypatch.setenv("CROSSBUILD_CACHE_DIR", "/cache")
    assert main(["wheel", "thing"]) == 0
    assert (builds.options.host, builds.options.cache_dir) == ("from-environment", Path("/cache"))
    main(["wheel", "thing", "--host", "given"])
    assert builds.options.host == "given"


def test_sdist_to_wheel(builds: Frontend, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sdist-to-wheel", str(tmp_path), *HOST, "-w", "dist"]) == 0
    assert (builds.asked["path"], builds.asked["wheel_dir"]) == (tmp_path, Path("dist"))
    assert capsys.readouterr().out == f"{WHEEL.path}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["wheel", "thing"], "--host"),
        (["wheel", *HOST], "Give a SPEC, -r or --group: there is no project in"),
        (["install", "--target", "image", *HOST], "Give a SPEC, -r or --group: there is no project in"),
        (["sdist-to-wheel", *HOST, ".", "b"], "unexpected extra argument"),
        (["wheel", "thing", "--hots", "x"], "'--host'"),
        (["whee", "thing"], "'wheel'"),
        (["wheel", "thing", *HOST, "--python", "3"], "X.Y"),
        (["wheel", "thing", *HOST, "--python", "3.11.2"], "X.Y"),
        (["wheel", "thing", *HOST, "--python", "3.13x"], "3.13t"),
        (["wheel", "thing", *HOST, "--config-var", "novalue"], "NAME=VALUE"),
        (["wheel", "thing", *HOST, "--env", "novalue"], "NAME?=VALUE"),
        (["wheel", "thing", *HOST, "--env", "no-name=x"], "NAME?=VALUE"),
        (["wheel", "thing", *HOST, "--sysconfigdata", "/none"], "/none"),
        (["wheel", "thing", *HOST, "--headers", "/none"], "/none"),
        (["wheel", "thing", *HOST, "-C", "novalue"], "KEY=VALUE"),
        (["wheel", "thing", *HOST, "-C", "=x"], "KEY=VALUE"),
        (["wheel", "thing", *HOST, "-j", "0"], "-j"),
        (["wheel", "thing", *HOST, "-v", "-q"], "exclude each other"),
        (["wheel", "thing", *HOST, "--installer", "pip"], "--installer"),
        (["wheel", "thing", *HOST, "--build-constraint", "/none"], "/none"),
        (["sdist-to-wheel", "/none", *HOST], "/none"),
    ],
)
def test_words_that_cannot_be_meant(
    builds: Frontend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert not printed.out
    assert not builds.asked
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["exit_code"] == 2


# --- What is printed -----------------------------------------------------------------------------------------------


def test_paths_on_stdout_and_all_else_on_stderr(builds: Frontend, capsys: pytest.CaptureFixture[str]) -> None:
    builds.act = work
    assert main(["wheel", "one", "two", *HOST]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{WHEEL.path}\n" * 2
    lines = printed.err.splitlines()
    assert lines[0] == "  toolchain: zig 0.17".rjust(len(lines[0]))
    assert re.fullmatch(r"  ✓ Install build requirements  \d+\.\d s", lines[1])
    assert lines[2] == "warning: the sky is grey"
    assert re.fullmatch(r"✓ Build \[thing\]  \d+\.\d s", lines[3])
    assert lines[4] == f"✓ {WHEEL.name} {WHEEL.version}  7.2 MB  built  1 min 33 s"
    assert WHEEL.sha256 not in printed.err
    assert "uv pip install" not in printed.err
    assert "Installed" not in printed.err


def test_verbose_shows_commands_and_output(builds: Frontend, capsys: pytest.CaptureFixture[str]) -> None:
    builds.act = work
    assert main(["wheel", "thing", *HOST, "-v"]) == 0
    lines = [line.strip() for line in capsys.readouterr().err.splitlines()]
    started = lines.index("… Install build requirements")
    assert lines[started + 1 : started + 3] == [
        "+ uv pip install 'setuptools>=61'",
        "> Installed [bold]1 package[/bold]",
    ]


def test_quiet_says_nothing_but_paths(builds: Frontend, capsys: pytest.CaptureFixture[str]) -> None:
    builds.act = work
    assert main(["wheel", "thing", *HOST, "-q"]) == 0
    assert capsys.readouterr() == (f"{WHEEL.path}\n", "")


def test_json(builds: Frontend, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wheel", "thing", *HOST, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "wheels": [
            {
                "path": str(WHEEL.path),
                "name": "thing",
                "version": "1.0",
                "tags": ["cp311-cp311-linux_aarch64"],
                "size": 7234567,
                "sha256": WHEEL.sha256,
                "seconds": 93.25,
                "elf_files": 3,
                "waived": [],
                "host_libraries": [],
                "bundled_libraries": [
                    {
                        "soname": "libx.so.1",
                        "path": "thing.libs/libx-1.so.1",
                        "sha256": "cd" * 32,
                        "package": None,
                        "version": None,
                        "licenses": [],
                    }
                ],
                "emulation": None,
                "origin": None,
                "statement": None,
            }
        ],
        "error": None,
    }


def test_a_failure_in_words(builds: Frontend, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    builds.act = failing(
        located(
            BackendError("build_wheel of thing failed.", why="thing.c:1: error\nmake: *** [x]", fix="Read the log."),
            log=tmp_path / "log",
        )
    )
    assert main(["wheel", "thing", *HOST, "-q"]) == 7
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.splitlines() == [
        "error: build_wheel of thing failed.",
        "  thing.c:1: error",
        "  make: *** [x]",
        f"log: {tmp_path / 'log'}",
        "hint: Read the log.",
    ]
    main(["wheel", "thing", *HOST])
    assert re.match(r"✗ Run build_wheel  \d+\.\d s\nerror: ", capsys.readouterr().err)


def test_a_failure_in_json(builds: Frontend, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    builds.act = failing(located(BackendError("W", why="Y", fix="F"), log=tmp_path / "log", kept=tmp_path))
    assert main(["wheel", "thing", *HOST, "--json"]) == 7
    assert json.loads(capsys.readouterr().out) == {
        "wheels": [],
        "error": {
            "exit_code": 7,
            "what": "W",
            "why": "Y",
            "fix": "F",
            "log": str(tmp_path / "log"),
            "kept": str(tmp_path),
        },
    }


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (CrossbuildError("x"), 1, "error: x"),
        (SourceError("x"), 6, "error: x"),
        (AuditError("x"), 8, "error: x"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (PermissionError(13, "Permission denied", "/root/x"), 1, "'/root/x'"),
        (RuntimeError("boom"), 70, "RuntimeError: boom"),
    ],
)
def test_exit_codes(
    builds: Frontend, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    builds.act = failing(error)
    assert main(["wheel", "thing", *HOST]) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert "Traceback" not in printed.err
    assert ("bug in crossbuild" in printed.err) == (code == 70)
    assert main(["wheel", "thing", *HOST, "-vv"]) == code
    assert "Traceback" in capsys.readouterr().err


def test_colours(builds: Frontend, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    builds.act = work
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    main(["wheel", "thing", *HOST])
    forced = capsys.readouterr().err
    assert "\x1b[32m✓\x1b[0m" in forced
    assert "\x1b[2K" not in forced, "no live line in a log"
    monkeypatch.setenv("NO_COLOR", "1")
    main(["wheel", "thing", *HOST])
    assert "\x1b[32m" not in capsys.readouterr().err


def test_a_long_silence_is_broken_in_logs(
    builds: Frontend, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_reporter, "_HEARTBEAT", 0.01)

    seen = ""

    def act(reporter: Reporter) -> None:
        nonlocal seen
        with reporter.step("Compile"):
            give_up = time.monotonic() + 10
            while "Compile: 0." not in seen and time.monotonic() < give_up:
                time.sleep(0.01)
                seen += capsys.readouterr().err

    builds.act = act
    main(["wheel", "thing", *HOST])
    assert re.search(r"Compile: 0\.\d s so far\n", seen)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.9, "1 min 00 s"),
        (60.2, "1 min 00 s"),
        (3725, "62 min 05 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert live.duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "words", "fact"),
    [("[packags]", [], "Did you mean packages?"), ("", ["--sysroot", "fedora:40:arm64"], "'fedora'")],
)
def test_what_options_and_configuration_cannot_mean(
    text: str,
    words: list[str],
    fact: str,
    builds: Frontend,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "crossbuild.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["wheel", "thing", *HOST, *words, "--json"]) in {2, 11}
    out, err = capsys.readouterr()
    assert fact in err
    assert "Traceback" not in err
    assert json.loads(out)["error"]["what"]
    assert builds.asked == {}


def test_requirements_that_are_all_for_other_hosts(
    builds: Frontend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("thing; sys_platform == 'win32'\n")
    assert main(["wheel", "-r", str(file), *HOST]) == 0
    assert builds.asked["request"].files == (file,)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Nothing to build: no requirement applies to this host." in printed.err
