"""The library: what programs import from ``crossbuild``, and may rely on."""

from __future__ import annotations

import ast
import inspect
import io
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_type_hints
from unittest.mock import Mock

import pytest

import crossbuild
from crossbuild import errors, frontend
from crossbuild.host.capture.ssh import capture_script
from crossbuild.reporting import PlainProgressReporter
from tests.examples import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = """
Architecture AuditError BackendError BuildOptions BuildPythonError BuiltWheel BundledLibrary Cache CacheEntry CacheInfo
CacheKind CachePlace CacheRemoval CommandError Configuration CrossbuildError Device EnvironmentChange Host HostError
HostLibrary HostRequest ImageTarget IndexOptions InstallError InstallOptions InstallReport Installed Layout
MissingLibrary NamedHost NetworkError NotReproducibleError Origin OutcomeReporter PackageSettings Plan
PlannedPackage Platform ProgressReporter RepairOptions Reporter Request RequirementsError Rule SilentReporter
SourceError SourceRequest StepProgressReporter Sysroot SysrootError SysrootName SysrootPackage Sysroots
TerminalReporter ToolchainError ToolchainRequest UsageError WheelFinding WheelReport WheelTestError WheelTestReport
WheelTests __version__ build_wheel build_wheels capture_host check_wheel install load_host make_wheelhouse
plan_install plan_wheels rebuild_wheel repair_wheel rollback sdist_to_wheel test_wheel uninstall"""
"""What has been promised. A name that goes, or changes its meaning, is a new major version."""
PUBLIC = [name for name in NAMES.split() if name != "__version__"]
TAG = "manylinux_2_28_aarch64"
REFERENCE = (REPOSITORY / "docs/reference/api.md").read_text()


def test_the_names_are_those_that_were_promised() -> None:
    assert sorted(crossbuild.__all__) == sorted(NAMES.split())
    assert dir(crossbuild) == sorted(NAMES.split())


def test_every_name_is_documented_in_the_reference() -> None:
    directive = r"^\.\. auto(?:function|class|exception):: crossbuild\.(\w+)(?:\(\))?$"
    documented = re.findall(directive, REFERENCE, re.MULTILINE)
    assert sorted(documented) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_reference_has_the_fields_that_a_class_inherits(name: str) -> None:
    kind: Any = getattr(crossbuild, name)
    every = getattr(kind, "__dataclass_fields__", {})
    inherited = [one for one in every if one not in inspect.get_annotations(kind)]
    entry = re.search(rf"autoclass:: crossbuild\.{name}\b.*\n((?:   :.*\n)*)", REFERENCE)
    assert not inherited or (entry and ":inherited-members:" in entry[1])


def test_every_error_is_among_them() -> None:
    kinds: set[type[Exception]] = {errors.CrossbuildError, *errors.CrossbuildError.__subclasses__()}
    own = {kind.__name__ for kind in kinds if kind.__module__ == errors.__name__}
    assert own == {name for name in PUBLIC if name.endswith("Error")}


@pytest.mark.parametrize("name", PUBLIC)
def test_it_says_what_it_is_and_takes(name: str) -> None:
    value: Any = getattr(crossbuild, name)
    assert value.__name__ == name
    assert inspect.getdoc(value)
    for function in _functions(value):
        untyped = {"return", *inspect.signature(function).parameters} - function.__annotations__.keys()
        assert not untyped - {"self", "cls"}, function
        assert inspect.getdoc(function) or name == "SilentReporter", function


def _functions(value: Any) -> list[Any]:
    if inspect.isfunction(value):
        return [value]
    public = (one for name, one in vars(value).items() if not name.startswith("_"))
    accessors = ("fget", "func", "__func__")  # of properties, of cached ones, of class methods
    plain = (next((getattr(one, name) for name in accessors if hasattr(one, name)), one) for one in public)
    return [one for one in plain if inspect.isfunction(one)]


@pytest.mark.parametrize("name", PUBLIC)
def test_what_its_types_refer_to_is_public(name: str) -> None:
    """A program can name, import and look up the type of everything that it gets or gives."""
    own = {one for one in _referred_to(getattr(crossbuild, name)) if one.__module__.startswith("crossbuild.")}
    hidden = {one for one in own if getattr(crossbuild, one.__name__, None) is not one}
    assert not hidden


def test_the_walk_sees_what_is_referred_to() -> None:
    assert crossbuild.Platform in _referred_to(crossbuild.Host), "by a field that a base class has"
    assert crossbuild.EnvironmentChange in _referred_to(crossbuild.BuildOptions), "in a tuple of any length"
    assert crossbuild.Architecture in _referred_to(crossbuild.SysrootName), "by a property"
    assert crossbuild.Sysroot in _referred_to(crossbuild.Sysroots), "by what a method returns"
    assert crossbuild.Request in _referred_to(crossbuild.build_wheels), "by a parameter, among others"


def _referred_to(value: Any) -> set[type]:
    """Return the classes in the type hints of a function; or of a class's fields, and its documented members."""
    if not inspect.isclass(value):
        return set(_classes_in(_hints(value)))
    directive = rf"autoclass:: crossbuild\.{value.__name__}\b(?:.*\n   )+:exclude-members: (.*)"
    excluded = re.search(directive, REFERENCE)
    internal = set(excluded[1].split(", ")) if excluded else set()
    found = set(_classes_in(_hints(value)))
    for function in _functions(value):
        if function.__name__ not in internal:
            found |= set(_classes_in(_hints(inspect.unwrap(function))))
    return found


def _hints(value: Any) -> dict[str, Any]:
    """Return its public hints. A class and its bases may be of modules that import different names."""
    names: dict[str, Any] = {}
    for one in inspect.getmro(value) if inspect.isclass(value) else (value,):
        if one.__module__.startswith("crossbuild."):
            names |= _imported_for_types(one.__module__)
    return {name: hint for name, hint in get_type_hints(value, localns=names).items() if not name.startswith("_")}


@cache
def _imported_for_types(module: str) -> dict[str, Any]:
    """Return the names that ``module`` imports only for type checkers."""
    tree = ast.parse(Path(sys.modules[module].__file__ or "").read_bytes())
    blocks = [node.body for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block if isinstance(node, ast.ImportFrom)]
    return {one.name: getattr(import_module(node.module or ""), one.name) for node in imports for one in node.names}


def _classes_in(hints: Any) -> Iterator[type]:
    for hint in hints.values() if isinstance(hints, dict) else hints:
        if isinstance(hint, list):  # the parameters of a callable
            yield from _classes_in(hint)
        elif isinstance(hint, type) and not get_args(hint):
            yield hint
        else:
            yield from _classes_in(get_args(hint))


def test_no_other_name() -> None:
    assert not hasattr(crossbuild, "build_whl")


def test_importing_crossbuild_imports_nothing_else() -> None:
    code = "import sys, importlib; before = set(sys.modules); import crossbuild; print(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "crossbuild"}


def test_types_are_shipped() -> None:
    assert (REPOSITORY / "src/crossbuild/py.typed").is_file()


# --- What is called ------------------------------------------------------------------------------------------------


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing is found."""
    return {"PATH": str(tmp_path), "HOME": str(tmp_path), "CROSSBUILD_CACHE_DIR": str(tmp_path / "cache")}


def test_building_a_wheel_of_what_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(crossbuild.UsageError, match="does not exist"):
        crossbuild.build_wheel(tmp_path / "absent", host=TAG, wheel_dir=tmp_path / "dist", environ=environ)
    assert not (tmp_path / "dist").exists()


def test_what_is_said_counts_more_than_the_options(environ: dict[str, str], tmp_path: Path) -> None:
    """Each of them is refused as on the command line, and shows in what is said."""
    options = crossbuild.BuildOptions(python=(3, 12), toolchain=crossbuild.ToolchainRequest(choice="gnu"))
    with pytest.raises(crossbuild.BuildPythonError, match=r"3\.99"):
        crossbuild.load_host(TAG, python="3.99", options=replace(options, cache_dir=tmp_path), environ=environ)
    with pytest.raises(crossbuild.HostError, match="linux_z80"):
        crossbuild.load_host("linux_z80", options=options, environ=environ)
    with pytest.raises(crossbuild.UsageError, match=r"X\.Y"):
        crossbuild.load_host(TAG, python="three", environ=environ)


def test_checking_a_wheel_that_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(crossbuild.HostError):
        crossbuild.check_wheel(tmp_path / "a.whl", host="linux_z80", environ=environ)


# --- What it takes -------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """What a function asked of the frontend."""

    values: tuple[Any, ...]
    named: dict[str, Any]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What the frontend is asked for, which does nothing then."""
    calls: list[Asked] = []

    def note(*values: Any, **named: Any) -> list[Any]:
        calls.append(Asked(values, named))
        return []

    for name in ("fill_wheelhouse", "fill_image", "empty_image", "roll_back_image"):
        monkeypatch.setattr(frontend, name, note)
    return calls


def test_requests(asked: list[Asked], tmp_path: Path) -> None:
    """What is given by keywords and what is in the request add up; one may stand for several."""
    rest = crossbuild.Request(specs=("b",), groups=("test",), no_binary=frozenset({"Some_Name"}), dependencies=False)
    list(crossbuild.build_wheels("a", host=TAG, requirements="r.txt", constraints=[tmp_path], request=rest))
    list(crossbuild.build_wheels([tmp_path, "a"], host=TAG))
    (first, *_), (second, *_) = (one.values for one in asked)
    assert first == replace(
        rest,
        specs=("a", "b"),
        files=(Path("r.txt"),),
        constraints=(tmp_path,),
        no_binary=frozenset({"some-name"}),
        build_named=True,
    )
    assert (second.specs, second.dependencies) == ((str(tmp_path), "a"), True)


@pytest.mark.parametrize("named", [None, True, False])
def test_named_projects_are_built_as_the_command_does_it_or_as_you_say(
    asked: list[Asked], tmp_path: Path, *, named: bool | None
) -> None:
    request = crossbuild.Request(build_named=named)
    list(crossbuild.build_wheels("a", host=TAG, request=request))
    crossbuild.make_wheelhouse("a", host=TAG, request=request)
    crossbuild.install("a", host=TAG, root=tmp_path, request=request)
    assert [one.values[0].build_named for one in asked] == ([True, True, False] if named is None else [named] * 3)


def test_wheelhouses(asked: list[Asked]) -> None:
    crossbuild.make_wheelhouse("a", host=TAG, wheel_dir="w", index_dir="i", lock="l", dependencies=False)
    request, wheelhouse = asked[0].values
    assert not request.dependencies
    assert (wheelhouse.wheel_dir, wheelhouse.index_dir, wheelhouse.lock) == (Path("w"), Path("i"), Path("l"))


def test_options(asked: list[Asked], environ: dict[str, str], tmp_path: Path) -> None:
    options = crossbuild.BuildOptions(no_check=frozenset({"Some_Name"}), config_settings={"a": "1", "b": "1"}, jobs=3)
    settings = {"b": ["2", "3"]}
    own: dict[str, Any] = {"python": "3.13t", "toolchain": "zig", "sysroot": "debian:bookworm:arm64"}
    crossbuild.make_wheelhouse("a", host="pi", config_settings=settings, options=options, environ=environ, **own)
    crossbuild.make_wheelhouse("a", host=tmp_path, sysroot=tmp_path, environ=environ)
    first, second = (one.named["options"] for one in asked)
    assert (first.host, first.python, first.host_request.abi_flags) == ("pi", (3, 13), "t")
    assert (first.toolchain.choice, str(first.sysroot), first.jobs) == ("zig", own["sysroot"], 3)
    assert (first.config_settings, first.no_check) == ({"a": "1", "b": ["2", "3"]}, {"some-name"})
    assert (second.host, second.sysroot) == (str(tmp_path), tmp_path)
    assert second.cache_dir == Path(environ["CROSSBUILD_CACHE_DIR"])
    assert all(one.named["environ"] is environ for one in asked)


def test_images(asked: list[Asked]) -> None:
    image = crossbuild.ImageTarget(root=Path("a"), prefix=PurePosixPath("/usr"), scheme="venv")
    crossbuild.install("a", host=TAG, root="b", image=image)
    crossbuild.uninstall("a", host=TAG, image=image)
    crossbuild.uninstall(["a", "b"], host=TAG, target="c")
    assert [one.values[1] for one in asked] == [
        replace(image, root=Path("b")),
        image,
        crossbuild.ImageTarget(target=Path("c")),
    ]
    assert [one.values[0] for one in asked[1:]] == [["a"], ["a", "b"]]


def test_missing_libraries_are_an_error_if_you_are_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = crossbuild.MissingLibrary(soname="libx.so.1", file=PurePosixPath("/usr/a.so"), distribution="a")
    report = crossbuild.InstallReport(layout=Mock(), installed=(), missing=(missing,))
    monkeypatch.setattr(frontend, "fill_image", lambda *_, **__: report)
    assert crossbuild.install("a", host=TAG, root="b") is report
    with pytest.raises(crossbuild.InstallError, match=r"libx\.so\.1, which a needs"):
        crossbuild.install("a", host=TAG, root="b", strict=True)


@pytest.mark.parametrize(
    "place",
    [{}, {"root": "a", "target": "b"}, {"target": "b", "prefix": "/usr"}, {"root": "a", "prefix": "usr"}],
)
def test_images_that_cannot_be_meant(place: dict[str, Any], asked: list[Asked]) -> None:
    """Without a place, the working directory would become an image."""
    for change in (crossbuild.install, crossbuild.uninstall):
        with pytest.raises(crossbuild.UsageError):
            change("a", host=TAG, **place)
    assert not asked


def test_a_reporter_is_told_packages_apart_if_it_can(asked: list[Asked]) -> None:
    plain, able = crossbuild.SilentReporter(), crossbuild.TerminalReporter.from_stream(io.StringIO())
    for reporter in (plain, able):
        crossbuild.make_wheelhouse("a", host=TAG, reporter=reporter)
    first, second = (one.named for one in asked)
    assert (first["reporter"], first["progress"]) == (plain, PlainProgressReporter(reporter=plain))
    assert second["reporter"] is second["progress"] is able


def test_undoing(asked: list[Asked], environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crossbuild.rollback("image", environ=environ)
    assert asked == [Asked((tmp_path / "image",), {"cache_dir": Path(environ["CROSSBUILD_CACHE_DIR"])})]


def test_a_script_for_a_device(tmp_path: Path) -> None:
    assert crossbuild.capture_host() == capture_script()
    with pytest.raises(crossbuild.UsageError):
        crossbuild.capture_host(headers=True)
    with pytest.raises(crossbuild.HostError, match="no ssh"):
        crossbuild.capture_host("pi@board", environ={"PATH": str(tmp_path)})


def test_sysroots_that_are_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    sysroots = crossbuild.Sysroots(environ=environ)
    assert sysroots.all() == []
    for name in ("debian:bookworm:arm64", tmp_path):
        with pytest.raises(crossbuild.SysrootError):
            sysroots.find(name)
        with pytest.raises(crossbuild.SysrootError):
            sysroots.remove(name)
    with pytest.raises(crossbuild.SysrootError, match="not the name of a sysroot"):
        sysroots.create("bookworm")
    faulty = crossbuild.SourceRequest(mirror="http://mirror.example", snapshot="20260101T000000Z")
    with pytest.raises(crossbuild.UsageError, match="exclude each other"):
        crossbuild.Sysroots(source=faulty, environ=environ).find("debian:bookworm:arm64")
