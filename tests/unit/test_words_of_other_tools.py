"""What users of pip, uv, build and cibuildwheel type out of habit: it means the same here, or says what to type."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

from crossbuild import frontend
from crossbuild.cli.app import app, main
from crossbuild.cli.foreign_words import _OPTIONS, _PIP_OPTIONS
from crossbuild.errors import CrossbuildError, NetworkError
from crossbuild.index.files import IndexFile
from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import click

    from crossbuild.system.cache import Cache

HOST = ["--host", "linux_aarch64"]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the rest of crossbuild is asked for, from a directory with a project."""
    calls: dict[str, Any] = {}

    def note(*values: Any, **named: Any) -> Any:
        calls.update(named, values=values)
        raise CrossbuildError("far enough")

    for name in ("fill_wheelhouse", "fill_image", "sdist_to_wheel", "environment_session"):
        monkeypatch.setattr(frontend, name, note)
    for name in ("CROSSBUILD_HOST", "CROSSBUILD_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "list.txt").touch()
    monkeypatch.chdir(tmp_path)
    return calls


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(words) == 2
    return capsys.readouterr().err.partition("Error: ")[2].strip()


@pytest.mark.parametrize("option", ["-w", "--wheel-dir", "-o", "--out-dir", "--outdir", "--output-dir"])
def test_where_wheels_go(asked: dict[str, Any], option: str) -> None:
    assert main(["wheel", "thing", *HOST, option, "there"]) == 1
    assert str(asked["values"][1].wheel_dir) == "there"
    assert main(["sdist-to-wheel", *HOST, option, "there"]) == 1
    assert str(asked["wheel_dir"]) == "there"


@pytest.mark.parametrize("option", ["--python", "--python-version", "-p"])
@pytest.mark.parametrize(
    ("text", "version", "flags"),
    [("3.12", (3, 12), None), ("312", (3, 12), None), ("39", (3, 9), None), ("313t", (3, 13), "t")],
)
def test_versions_of_python(
    asked: dict[str, Any], option: str, text: str, version: tuple[int, int], flags: str | None
) -> None:
    assert main(["wheel", "thing", *HOST, option, text]) == 1
    assert (asked["options"].python, asked["options"].host_request.abi_flags) == (version, flags)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3.12.1", "did you mean 3.12?"),
        ("cp312", "did you mean 3.12?"),
        ("cp313t", "did you mean 3.13t?"),
        ("python3.9", "did you mean 3.9?"),
        ("cpython@3.12", "did you mean 3.12?"),
        ("/usr/bin/python3.12", "--build-python /usr/bin/python3.12"),
        ("pypy", "'pypy' is not X.Y"),
        ("3", "'3' is not X.Y"),
    ],
)
def test_what_is_no_version_of_python(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    assert says in " ".join(refused(capsys, "wheel", "thing", *HOST, "--python-version", text).split())
    assert not asked


def test_other_names_of_options(asked: dict[str, Any]) -> None:
    words = "--config-settings a=1 --config-setting b=2 -C c=3 --default-index https://i --no-dependencies"
    files = "--requirements list.txt --constraints list.txt --build-constraints list.txt -b list.txt"
    assert main(["wheel", *HOST, *words.split(), *files.split()]) == 1
    request, options = asked["values"][0], asked["options"]
    assert options.config_settings == {"a": "1", "b": "2", "c": "3"}
    assert options.index.index_url == "https://i"
    assert not request.dependencies
    assert len(request.files) == len(request.constraints) == 1
    assert [path.name for path in options.build_constraints] == ["list.txt"] * 2
    assert main(["install", "thing", *HOST, "-t", "there"]) == 1
    assert str(asked["values"][1].target) == "there"


@pytest.mark.parametrize(
    ("words", "specs"),
    [
        ([], (".",)),
        (["-c", "list.txt"], (".",)),
        (["-r", "list.txt"], ()),
        (["--group", "test"], ()),
        (["thing"], ("thing",)),
    ],
)
@pytest.mark.parametrize("command", [["wheel"], ["install", "--root", "image"]], ids=["wheel", "install"])
def test_nothing_named_is_the_project_here(
    asked: dict[str, Any], command: list[str], words: list[str], specs: tuple[str, ...]
) -> None:
    assert main([*command, *HOST, *words]) == 1
    assert asked["values"][0].specs == specs


def test_nothing_named_where_there_is_no_project(
    asked: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").unlink()
    for words in (["wheel", *HOST], ["install", *HOST, "--root", "image"], ["cross-pip", "--env-dir", ".", "install"]):
        said = refused(capsys, *words)
        assert said.startswith(f"Give a SPEC, -r or --group: there is no project in {tmp_path}.")
    assert not asked


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("wheel . --platform manylinux_2_28_aarch64", "--host manylinux_2_28_aarch64"),
        ("wheel . --python-platform aarch64-unknown-linux-gnu", "--host"),
        ("wheel . --archs aarch64", "--host"),
        ("wheel . --abi cp312", "--python"),
        ("wheel -e .", "Give the directory itself"),
        ("wheel . -n", "--build-constraint"),
        ("wheel . --no-build-isolation", "--build-constraint"),
        ("wheel . --no-build", "--only-binary :all:"),
        ("wheel . --sdist", "sdist-to-wheel"),
        ("wheel . --dest there", "-w DIR"),
        ("wheel . --no-clean", "--keep"),
        ("wheel . --trusted-host x", "PIP_TRUSTED_HOST"),
        ("wheel . --report -", "--json"),
        ("wheel . --no-color", "Use --color never."),
        ("wheel . --progress-bar off", "--no-progress"),
        ("wheel .", "Name the machine with --host, such as --host manylinux_2_28_aarch64."),
        ("wheel . --root image", "It is an option of crossbuild install and crossbuild uninstall."),
        ("install . --index https://i --root image", "--extra-index-url"),
        (
            "install . --wheel-dir w --root image",
            "It is an option of crossbuild wheel, crossbuild sdist-to-wheel, crossbuild rebuild and others.",
        ),
        ("wheel . --index https://i", "--extra-index-url or --index-url"),
        ("wheel . -w -s", "-w needs a value, but the option -s follows it."),
        ("wheel . --outdir --keep", "--outdir needs a value, but the option --keep follows it."),
        ("wheel . --env --keep", "--env needs a value, but the option --keep follows it."),
        ("--host linux_aarch64 wheel .", "Options come after the command: crossbuild wheel --host."),
        ("build .", "Use crossbuild wheel."),
        ("download numpy", "crossbuild wheel"),
        ("pip install numpy", "cross-pip"),
        ("list", "crossbuild host list"),
        ("cross-pip --env-dir . show numpy", "cross-pip list"),
        ("cross-pip --env-dir . wheel numpy", "crossbuild wheel SPEC --host HOST"),
        ("cross-pip --env-dir . install -i https://i x", "PIP_INDEX_URL"),
        ("cross-pip --env-dir . install -e .", "Give the directory itself"),
        ("cross-pip --env-dir . install -t there x", "Use crossbuild install."),
        ("cross-pip --env-dir . list --format=freeze", "Leave it out"),
    ],
)
def test_words_that_have_no_equal(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str], words: str, says: str
) -> None:
    assert says in " ".join(refused(capsys, *words.split()).split())
    assert not asked


def test_no_word_is_both_refused_and_taken() -> None:
    """An option that is added later takes its word out of the table."""

    def names(command: click.Command) -> set[str]:
        return {name for one in command.params for name in one.opts}

    for name in ("wheel", "sdist-to-wheel"):
        assert not names(app.commands[name]) & _OPTIONS.keys() - {"--index"}
    pip: Any = app.commands["cross-pip"]
    for command in pip.commands.values():
        assert not names(command) & _PIP_OPTIONS.keys()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How cross-pip is called: with what it is to show, and the request."""
    from crossbuild.cli import pips

    calls: list[Any] = []

    def on_site(_: Path, work: Callable[..., None], output: Any) -> int:
        def install(request: Any, **_: Any) -> list[Any]:
            calls.append(request)
            return []

        calls.append(output.verbosity)
        display = SimpleNamespace(packages_together=lambda _: None)
        work(SimpleNamespace(versions={"numpy": "2.0"}, install=install), None, display)
        return 0

    monkeypatch.setattr(pips, "_on_site", on_site)
    return calls


@pytest.mark.parametrize("words", ["-v freeze", "freeze", "list", "-q list", "freeze -vv"])
def test_cross_pip_freeze(site: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str) -> None:
    assert main(["cross-pip", "--env-dir", str(tmp_path), *words.split()]) == 0
    assert capsys.readouterr().out == "numpy==2.0\n"
    assert site == [-1 if "-q" in words else words.count("v")]


def test_cross_pip_takes_the_options_of_pip_first(site: list[Any], asked: dict[str, Any], tmp_path: Path) -> None:
    words = "-v install numpy -c list.txt --only-binary lxml --pre --prefer-binary --group test"
    assert main(["cross-pip", "--env-dir", str(tmp_path), *words.split()]) == 0
    verbosity, request = site
    assert (verbosity, request.specs, request.pre, request.prefer_binary) == (1, ("numpy",), True, True)
    assert (request.only_binary, request.groups) == ({"lxml"}, ("test",))
    assert not asked


def test_verbosity_comes_before_any_command(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["-q", "wheel"], ["wheel", "-q"]):
        assert main([*words, "thing", *HOST]) == 1
    assert asked
    assert "exclude each other" in refused(capsys, "-v", "wheel", "-q", "thing", *HOST)
    assert main(["-v", "sysroot", "-v", "list", "--help"]) == 0


@pytest.mark.parametrize(
    ("options", "environ", "named"),
    [
        (IndexOptions(), {"UV_OFFLINE": "1"}, "UV_OFFLINE"),
        (IndexOptions(offline=True), {}, "--offline"),
        (IndexOptions(offline=True), {"UV_OFFLINE": "1"}, "--offline"),
    ],
)
def test_what_keeps_it_off_the_network_is_named(
    cache: Cache, options: IndexOptions, environ: dict[str, str], named: str
) -> None:
    index = Index.from_options(options, environ=environ, cache=cache)
    error = index.unknown(Requirement("thing"))
    assert f"{named} forbids looking for one" in error.what
    assert error.fix.startswith(f"Run once without {named}")
    with pytest.raises(NetworkError, match=f"{named} forbids downloading it"):
        index.fetch(
            "thing", IndexFile.from_filename("thing-1.0.tar.gz", url="https://x.example/thing-1.0.tar.gz", hashes={})
        )


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version(capsys: pytest.CaptureFixture[str], option: str) -> None:
    assert main([option]) == 0
    assert capsys.readouterr().out.startswith("crossbuild ")


@pytest.mark.parametrize(
    ("words", "variables", "says", "never"),
    [
        (["wheel", "thing"], {}, "'--host'", "CROSSBUILD"),
        (["wheel", "thing", "--cache-dir", "list.txt", *HOST], {}, "'--cache-dir'", "CROSSBUILD"),
        (["wheel", "thing", *HOST], {"CROSSBUILD_CACHE_DIR": "list.txt"}, "'CROSSBUILD_CACHE_DIR'", "--cache-dir"),
        (["wheel", "thing", *HOST], {"CROSSBUILD_KEYRING": "none"}, "'CROSSBUILD_KEYRING'", "--keyring"),
        (["wheel", "thing", *HOST, "--keyring", "none"], {"CROSSBUILD_KEYRING": "n"}, "'--keyring'", "CROSSBUILD"),
        (["wheel", "thing", "--host", ""], {"CROSSBUILD_HOST": "linux_aarch64"}, "'--host'", "CROSSBUILD"),
    ],
)
def test_what_the_user_said_is_named(
    asked: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    variables: dict[str, str],
    says: str,
    never: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = refused(capsys, *words)
    assert says in said
    assert never not in said
    assert not asked
