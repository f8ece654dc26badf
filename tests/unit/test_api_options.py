"""The library takes what the command line takes: both are given every option, and must come to the same."""

from __future__ import annotations

import inspect
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import click
import pytest

import crossbuild
from crossbuild import frontend
from crossbuild.cli.app import app, main
from crossbuild.declarations.option import options_of, taken
from crossbuild.host.capture import ssh
from crossbuild.sysroot import lock
from crossbuild.sysroot.store import SysrootStore
from crossbuild.upkeep import removal, survey

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = "manylinux_2_28_aarch64"
NAME = "debian:bookworm:arm64"
FUNCTIONS: dict[str, Any] = {
    "wheel": crossbuild.make_wheelhouse,
    "wheel --dry-run": crossbuild.plan_wheels,
    "sdist-to-wheel": crossbuild.sdist_to_wheel,
    "install": crossbuild.install,
    "install --dry-run": crossbuild.plan_install,
    "uninstall": crossbuild.uninstall,
    "rollback": crossbuild.rollback,
    "check": crossbuild.check_wheel,
    "rebuild": crossbuild.rebuild_wheel,
    "repair": crossbuild.repair_wheel,
    "test": crossbuild.test_wheel,
    "host show": crossbuild.load_host,
    "host capture": crossbuild.capture_host,
    "sysroot create": crossbuild.Sysroots.create,
    "sysroot add": crossbuild.Sysroots.add_packages,
    "sysroot remove": crossbuild.Sysroots.remove_packages,
    "sysroot info": crossbuild.Sysroots.find,
    "sysroot list": crossbuild.Sysroots.all,
    "cache info": crossbuild.Cache.info,
    "cache prune": crossbuild.Cache.prune,
    "cache clear": crossbuild.Cache.clear,
}
WITHOUT_FUNCTION = {
    "completion",
    "doctor",
    "env",
    "explain",
    "run",
    "shell",
    "host check",
    "host export",
    "host list",
    "cache dir",
}
"""Commands for people, or for what a program does itself."""
ARGUMENTS = {
    "wheel": "a ./b",
    "wheel --dry-run": "a ./b",
    "sdist-to-wheel": "{file}",
    "install": "a ./b",
    "install --dry-run": "a ./b",
    "uninstall": "a",
    "rollback": "{directory}",
    "check": "{file}",
    "rebuild": "{file}",
    "repair": "{file}",
    "test": "{file}",
    "host show": TAG,
    "host capture": "",
    "sysroot create": f"{NAME} libxml2-dev",
    "sysroot add": f"{NAME} libxml2-dev",
    "sysroot remove": f"{NAME} libxml2-dev",
    "sysroot info": NAME,
    "sysroot list": "",
    "cache info": "",
    "cache prune": "",
    "cache clear": "sdists",
}
TEXTS = {
    "host": "manylinux_2_28_aarch64",
    "python": "3.13t",
    "machine": "armv7l",
    "platform_tags": "manylinux_2_31",
    "config_vars": "A=b",
    "sysroot": "debian:bookworm:arm64",
    "exclude": "libtorch.so",
    "sysroot_packages": "libxml2-dev",
    "mirror": "http://a.example/debian",
    "snapshot": "20260101T000000Z",
    "choice": "zig",
    "cc": "cc -O1",
    "cxx": "c++ -O1",
    "ar": "ar",
    "fc": "gfortran",
    "environment_changes": "A+=b",
    "config_settings": "a=1",
    "jobs": "3",
    "host_requires": "numpy>=2",
    "index_url": "https://a.example",
    "extra_index_urls": "https://b.example",
    "find_links": "https://c.example",
    "groups": "test",
    "no_binary": "numpy,lxml",
    "only_binary": ":all:",
    "no_check": "Some.Name",
    "runner": "qemu-aarch64 -L root",
    "test_command": "pytest {project}",
    "test_requires": "pytest>=8",
    "test_extras": "more",
    "test_groups": "tests",
    "test_sources": "tests",
    "ignore": "executable-stack,build-path",
    "select": "executable-stack",
    "prefix": "/usr",
    "interpreter": "/usr/bin/python3",
    "destination": "pi@board",
    "cache_max_size": "20G",
    "max_size": "5G",
    "unused_for": "30",
}
"""An example of each option that takes a text."""
KEYWORDS = {
    "no_deps": "dependencies",
    "choice": "toolchain",
    "files": "requirements",
    "wheels": "wheel",
    "test_command": "command",
    "test_requires": "requires",
}
"""What keywords are called otherwise than the command line's parameters."""
ABOUT_OUTPUT = {"verbose", "quiet", "color", "progress", "as_json", "dry_run", "sarif"}
"""A reporter hears it, or it is returned; or it chooses the function."""
ABOUT_WORK = {"wheel_dir", "index_dir", "fail_fast", "strict"}
"""What a plan does not depend on."""
SERVICES = {"reporter", "progress", "environ"}
ONE, OTHER = {"mirror", "root", "prefix", "scheme", "lock"}, {"snapshot", "target"}
"""Options that exclude each other."""
INPUTS = {
    "image": crossbuild.ImageTarget,
    "install_options": crossbuild.InstallOptions,
    "request": crossbuild.Request,
    "options": crossbuild.BuildOptions,
    "source": crossbuild.SourceRequest,
}
"""The keywords that take what no other keyword does."""


def command_of(name: str) -> click.Command:
    found: Any = app
    for word in name.removesuffix(" --dry-run").split():
        found = found.commands[word]
    assert isinstance(found, click.Command)
    return found


def options_for(name: str, without: set[str]) -> list[click.Option]:
    hidden = ABOUT_OUTPUT | without | ({"into"} if name == "host capture" else set())
    hidden |= ABOUT_WORK | ({"lock"} if name == "wheel --dry-run" else set()) if "--dry-run" in name else set()
    options = [one for one in command_of(name).params if isinstance(one, click.Option)]
    return [one for one in options if one.expose_value and one.name not in hidden]


def test_every_command_has_its_function_or_none() -> None:
    def names(group: click.Group, prefix: str) -> Iterator[str]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group) and not command.hidden:
                yield from names(command, f"{prefix}{name} ")
            elif not command.hidden:
                yield f"{prefix}{name}"

    assert set(names(app, "")) == {one.removesuffix(" --dry-run") for one in FUNCTIONS} | WITHOUT_FUNCTION


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without a configuration, and an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CROSSBUILD_")]:
        monkeypatch.delenv(name)
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").touch()
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What both ask the rest of crossbuild for, which ends them."""
    calls: list[dict[str, Any]] = []

    def note(module: Any, name: str) -> None:
        signature = inspect.signature(getattr(module, name))

        def call(*values: Any, **named: Any) -> Any:
            asked = signature.bind(*values, **named).arguments
            calls.append({"what": name} | {one: _plain(asked[one]) for one in asked.keys() - SERVICES})
            raise crossbuild.CrossbuildError("far enough")

        monkeypatch.setattr(module, name, call)

    for name in (
        "fill_wheelhouse",
        "sdist_to_wheel",
        "fill_image",
        "repair_wheels",
        "empty_image",
        "roll_back_image",
        "load_host",
    ):
        note(frontend, name)
    for name in ("plan_wheels", "plan_image", "rebuild_wheel", "test_wheels"):
        note(frontend, name)
    for name in ("create", "find", "change", "remove", "all"):
        note(SysrootStore, name)
    for name in ("prune", "clear"):
        note(removal, name)
    note(survey, "cache_info")
    note(ssh, "capture_by_ssh")
    note(lock, "create_locked")
    return calls


def _plain(value: Any) -> Any:
    """Return what can be compared."""
    if isinstance(value, SysrootStore):
        return value.cache, value.offline
    return tuple(value) if isinstance(value, list) else value


def words_for(option: click.Option, place: Path) -> list[str]:
    if option.is_flag:
        return [option.opts[0]]
    if isinstance(option.type, click.Choice):
        return [option.opts[0], option.type.choices[-1]]
    if isinstance(option.type, click.Path):
        return [option.opts[0], str(place / ("directory" if option.type.dir_okay else "file"))]
    return [option.opts[0], TEXTS[option.name or ""]]


def call(name: str, words: list[str]) -> None:
    """Call the function with what the command line gets in ``words``."""
    command, function = command_of(name), FUNCTIONS[name]
    context = command.make_context(name, list(words))
    raw, _, order = command.make_parser(context).parse_args(list(words))
    parameters = inspect.signature(function).parameters
    keywords: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for one in {one.name or "" for one in order if raw.get(one.name or "")}:
        keyword = "directory" if (name, one) == ("sysroot create", "into") else KEYWORDS.get(one, one)
        if keyword in parameters:
            keywords[keyword] = _as_keyword(keyword, raw[one], context.params[one])
        else:
            left[one] = context.params[one]
    own = {one: _taken(kind, left) for one, kind in INPUTS.items() if one in parameters}
    if "self" in parameters:
        own["self"] = _object_with(function, left)
    assert not left, "the library has neither a keyword nor a field for this"
    function(**keywords, **own)


def _object_with(method: Any, left: dict[str, Any]) -> Any:
    """Return an object that has ``method``, with what is ``left`` for its fields."""
    kind = getattr(crossbuild, method.__qualname__.partition(".")[0])
    of_cache = {one: left.pop(one) for one in ("cache_dir", "cache_max_size") if one in left}
    if kind is crossbuild.Sysroots:
        return kind(**of_cache, source=_taken(crossbuild.SourceRequest, left))
    return kind(**of_cache)


def _as_keyword(keyword: str, raw: Any, read: Any) -> Any:
    """Return what a program gives: texts, but for what is no text."""
    if keyword in {"config_settings", "unused_for"}:
        return read
    if keyword == "wheel":  # some commands take several
        return raw if isinstance(raw, str) else raw[0]
    return not raw if keyword == "dependencies" else raw


def _taken(kind: type, left: dict[str, Any]) -> Any:
    if next(options_of(kind), None):
        return taken(kind, left)
    return kind(**{one.name: left.pop(one.name) for one in fields(kind) if one.name in left})


def both(name: str, words: list[str], asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what the command line and the library ask for."""
    asked.clear()
    main([*name.split(), *words])
    assert len(asked) == 1, capsys.readouterr().err
    with pytest.raises(crossbuild.CrossbuildError, match="far enough"):
        call(name, words)
    return asked


@pytest.mark.parametrize("without", [ONE, OTHER], ids=["one", "other"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_option_means_the_same(
    name: str, without: set[str], place: Path, asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ARGUMENTS[name].format(file=place / "file", directory=place / "directory").split()
    options = [word for option in options_for(name, without) for word in words_for(option, place)]
    command_line, library = both(name, [*options, "--", *words], asked, capsys)
    assert command_line == library


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_variable_means_the_same(
    name: str,
    place: Path,
    asked: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ARGUMENTS[name].format(file=place / "file", directory=place / "directory").split()
    hosts = ["--host", TAG] if any(one.name == "host" for one in options_for(name, set())) else []
    needed = [*hosts, *(["--root", "image"] if "install" in name else [])]
    needed += ["--ssh", "pi@board"] if name == "host capture" else []
    values = {"CROSSBUILD_MIRROR": "http://a.example http://b.example", "CROSSBUILD_KEYRING": "file"}
    values |= {"CROSSBUILD_CACHE_MAX_SIZE": "20G", "CROSSBUILD_EMULATE": "never"}
    for option in options_for(name, {"host"}):
        if option.envvar:
            monkeypatch.setenv(str(option.envvar), values.get(str(option.envvar), "elsewhere"))
    with_variables = both(name, [*needed, "--", *words], asked, capsys)
    assert with_variables[0] == with_variables[1]


def test_what_is_given_counts_more_than_a_variable() -> None:
    environ = {"CROSSBUILD_MIRROR": "http://a.example http://b.example", "CROSSBUILD_CACHE_DIR": "/kept"}
    source = crossbuild.SourceRequest(mirror="http://c.example")
    sysroots = crossbuild.Sysroots(source=source, environ=environ)
    assert (sysroots._source, sysroots._store.cache.root) == (source, Path("/kept"))
    assert crossbuild.Sysroots(cache_dir="/own", environ=environ)._store.cache.root == Path("/own")


def test_choices_are_the_same() -> None:
    """What the command line refuses, a type checker refuses in a program."""
    hints = get_type_hints(crossbuild.InstallOptions, localns={"Literal": Literal})
    checked = 0
    for option in options_for("install", set()):
        hint = hints.get(option.name or "")
        if isinstance(option.type, click.Choice) and get_origin(hint) is Literal:
            assert get_args(hint) == tuple(option.type.choices)
            checked += 1
    assert checked
