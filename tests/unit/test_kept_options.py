"""Options that are kept with a cross environment mean the same in another directory."""

from __future__ import annotations

import enum
import json
import pickle
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from crossbuild import __version__
from crossbuild.environments.kept_options import keep_options, kept_options, lasting
from crossbuild.environments.options_json import as_json, from_json
from crossbuild.errors import UsageError
from crossbuild.host.host_request import HostRequest
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.options.configuration import Configuration, NamedHost, PackageSettings
from crossbuild.options.environment_changes import EnvironmentChange
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.model import ToolchainRequest


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with a few things in it."""
    for name in ("python3", "python3.11", "links", "simple", "root", "limits.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_paths_become_absolute(directory: Path) -> None:
    keep_options(
        directory,
        BuildOptions(
            host="python3",
            build_python=Path("python3.11"),
            sysroot=Path("root"),
            build_constraints=(Path("limits.txt"),),
            cache_dir=Path("cache"),
            index=IndexOptions(
                index_url="simple",
                extra_index_urls=("https://example.org/simple",),
                find_links=("links", "https://example.org/links"),
            ),
            toolchain=ToolchainRequest(
                choice="cross/bin/arm-",
                cc="ccache ../gcc -mthumb",
                cxx="g++",
                ar="/opt/ar",
                fc="cross-tools/bin/arm-linux-gfortran -I../include",
            ),
        ),
    )
    kept = kept_options(directory)
    assert (kept.host, kept.build_python) == (str(directory / "python3"), directory / "python3.11")
    assert (kept.sysroot, kept.build_constraints) == (directory / "root", (directory / "limits.txt",))
    assert kept.cache_dir == directory / "cache"
    assert kept.index == IndexOptions(
        index_url=str(directory / "simple"),
        extra_index_urls=("https://example.org/simple",),
        find_links=(str(directory / "links"), "https://example.org/links"),
    )
    assert kept.toolchain.choice == f"{directory}/cross/bin/arm-"
    assert kept.toolchain.cc == f"ccache {directory}/../gcc -mthumb"
    assert (kept.toolchain.cxx, kept.toolchain.ar) == ("g++", "/opt/ar")
    assert kept.toolchain.fc == f"{directory}/cross-tools/bin/arm-linux-gfortran -I../include"


def test_the_rest_stays_what_it_is(directory: Path) -> None:
    options = BuildOptions(
        host="manylinux_2_28_aarch64",
        toolchain=ToolchainRequest(choice="zig", cc="gcc --sysroot=/opt/root", cxx="g++ '-DTEXT=a b'"),
        environment_changes=(),
        jobs=3,
    )
    keep_options(directory, options)
    assert kept_options(directory) == options
    assert kept_options(directory) != replace(options, jobs=4)


def test_only_the_user_may_read_them(directory: Path) -> None:
    keep_options(directory, BuildOptions())
    assert (directory / "options.json").stat().st_mode & 0o077 == 0


def test_passwords_are_not_kept(directory: Path) -> None:
    place = "https://user:canary@example.org/simple"
    given = IndexOptions(index_url=place, extra_index_urls=(place,), find_links=(place,))
    wanted = (f"probe @ {place}/probe.whl",)
    settings = PackageSettings(build_requires=wanted, host_requires=wanted, constraints=wanted)
    pi = NamedHost(host="linux_aarch64", sysroot_source=SourceRequest(mirror=place))
    options = BuildOptions(
        index=given,
        sysroot_source=SourceRequest(mirror=place, further_mirrors=(place,)),
        host_requires=wanted,
        configuration=Configuration(packages={"lxml": settings}, hosts={"pi": pi}),
    )
    keep_options(directory, options)
    assert not [file for file in directory.iterdir() if b"canary" in file.read_bytes()]
    kept, bare = kept_options(directory), "https://example.org/simple"
    assert (kept.index.index_url, kept.index.extra_index_urls, kept.index.find_links) == (bare, (bare,), (bare,))
    assert kept.sysroot_source.mirrors == (bare, bare)
    assert kept.host_requires == (f"probe @ {bare}/probe.whl",)
    assert kept == lasting(options)


OPTIONS = (
    *(BuildOptions, IndexOptions, Configuration, NamedHost, PackageSettings, EnvironmentChange),
    *(HostRequest, ToolchainRequest, SourceRequest, SysrootName),
)
FIELDS = [
    pytest.param(kind, field.name, id=f"{kind.__name__}.{field.name}") for kind in OPTIONS for field in fields(kind)
]
NAMES = {one.__name__: one for one in (*OPTIONS, Path)} | {"Mapping": Mapping}
"""What the hints of fields mean: options import most of it for type checkers alone."""


def sample(hint: Any) -> Any:
    """Return a value of the type ``hint`` that no field has by default."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind in {Union, UnionType}:
        return sample(inner[0])
    if kind is Literal:
        return inner[-1]
    if kind in {tuple, frozenset, list}:
        return kind(sample(one) for one in inner if one is not ...)
    if kind is Mapping:
        return {"a key": sample(inner[1])}
    if is_dataclass(hint):
        return sampled(hint)
    values: dict[Any, Any] = {str: "a text, ä \udc80", int: 7, bool: True, Path: Path("/a/file \udc80")}
    assert hint in values, f"this test has no sample of {hint}"
    return values[hint]


def sampled(kind: Any) -> Any:
    return kind(**{name: sample(hint) for name, hint in get_type_hints(kind, localns=NAMES).items()})


def alternatives(hint: Any) -> list[Any]:
    """Return a sample of each type that a field of the type ``hint`` may have."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind in {Union, UnionType}:
        return [value for one in inner for value in ([None] if one is NoneType else alternatives(one))]
    if kind is Mapping:
        return [{"a key": value} for value in alternatives(inner[1])]
    return [sample(hint)]


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_every_option_comes_back_as_it_was(kind: Any, name: str) -> None:
    for value in alternatives(get_type_hints(kind, localns=NAMES)[name]):
        options = replace(sampled(kind), **{name: value})
        back = from_json(json.loads(json.dumps(as_json(options))))
        assert (back, repr(back)) == (options, repr(options))


def test_every_path_becomes_absolute(directory: Path) -> None:
    relative = json.dumps(as_json(sampled(BuildOptions))).replace(json.dumps("/a/file \udc80"), '"root"')
    options = from_json(json.loads(relative))
    assert options.sysroot == Path("root")
    kept = json.dumps(as_json(lasting(options)))
    assert '"root"' not in kept
    assert kept.count(json.dumps(str(directory / "root"))) == relative.count('"root"')


def test_what_has_no_form_in_json_is_not_kept_as_something_else() -> None:
    class Level(enum.StrEnum):
        HIGH = "high"

    for value in (Level.HIGH, object(), b"bytes", 1.5, {1, 2}):
        with pytest.raises(TypeError, match="has no form in JSON"):
            as_json(value)


def test_a_document_makes_nothing_but_options() -> None:
    with pytest.raises(LookupError):
        from_json({"Session": {}})


NO_OPTIONS: list[object] = [{}, [], None, "text", {"Other": {}}, {"tuple": 3}, {"BuildOptions": {"other": 1}}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no options.json"),
        (b"\x80\x04\x95", "Its options.json cannot be read"),
        ([], "does not say which version"),
        ({}, "does not say which version"),
        ({"crossbuild": "0"}, "was made by crossbuild 0; this is"),
        ({"crossbuild": __version__}, "Its options.json cannot be read"),
        *(({"crossbuild": __version__, "options": one}, "Its options.json cannot be read") for one in NO_OPTIONS),
    ],
)
def test_what_another_crossbuild_kept_is_to_be_made_again(content: object, message: str, directory: Path) -> None:
    (directory / ".crossbuild-environment").touch()
    (directory / "options.pickle").write_bytes(pickle.dumps(None))
    if content is not None:
        written = content if isinstance(content, bytes) else json.dumps(content).encode()
        (directory / "options.json").write_bytes(written)
    with pytest.raises(UsageError) as refused:
        kept_options(directory)
    assert message in f"{refused.value.what} {refused.value.why}"
    assert f"crossbuild env --clear --host HOST {directory}" in refused.value.fix


def test_where_there_is_no_environment_nothing_is_cleared(directory: Path) -> None:
    with pytest.raises(UsageError, match="holds no cross environment") as refused:
        kept_options(directory)
    assert "--clear" not in refused.value.fix
