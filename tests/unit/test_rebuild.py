"""A wheel that is to be built again: what is asked of its statement, and what is refused before anything is built."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild import __version__
from crossbuild.__main__ import main
from crossbuild.errors import AuditError, NetworkError, SourceError, UsageError
from crossbuild.options.build_options import BuildOptions
from crossbuild.options.configuration import Configuration, PackageSettings
from crossbuild.options.passed_variables import Passed
from crossbuild.provenance.resource import Resource
from crossbuild.provenance.statement import Statement, statement_file
from crossbuild.reporting import PlainProgressReporter, SilentReporter
from crossbuild.requirements.direct_spec import DirectSpec
from crossbuild.session.session import Session
from crossbuild.sysroot.apt import SysrootPackage
from crossbuild.sysroot.apt_sources import SourceRequest
from crossbuild.sysroot.model import Sysroot
from crossbuild.sysroot.names import SysrootName
from crossbuild.sysroot.store import SysrootStore
from crossbuild.wheelhouse.as_recorded import recorded_environ, recorded_options, recorded_pins, recorded_request
from crossbuild.wheelhouse.rebuild import Rebuild
from crossbuild.wheelhouse.same_inputs import differing_inputs, with_recorded_sysroot
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "ab" * 32
TAG = "manylinux_2_28_aarch64"
SETUPTOOLS = Resource(
    role="build-requirement",
    name="setuptools-80.1-py3-none-any.whl",
    project="setuptools",
    version="80.1",
    digest={"sha256": DIGEST},
)
STATEMENT = Statement(
    wheel="thing-1.0-py3-none-any.whl",
    sha256=DIGEST,
    project="thing",
    version="1.0",
    source=Resource(
        role="source", name="thing-1.0.tar.gz", uri="https://a.example/thing-1.0.tar.gz", digest={"sha256": DIGEST}
    ),
    external={
        "python": "3.13t",
        "options": {"host": TAG, "toolchain": "zig"},
        "config-settings": {"a": ["b", "c"]},
        "build-requires": ["ninja"],
        "environment": {"A": "b"},
        "variables": {"CFLAGS": "-O1", "MINE": "x"},
    },
    internal={
        "host": {},
        "toolchain": {"kind": "zig", "version": "zig 0.1"},
        "build-machine": {"platform": "linux-x86_64", "python": "3.13.1"},
        "sysroot": {"name": "debian:bookworm:arm64", "requested": ["libyaml-dev"]},
    },
    dependencies=(SETUPTOOLS,),
)


def stated(directory: Path, **changes: Any) -> Path:
    """Return a wheel with a statement about it."""
    wheel = make_wheel(directory, {"thing.py": b""}, tag="py3-none-any", project="thing-1.0")
    facts = {"sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), **changes}
    statement_file(wheel).write_text(replace(STATEMENT, **facts).to_text())
    return wheel


def with_external(**changes: Any) -> Statement:
    return replace(STATEMENT, external={**STATEMENT.external, **changes})


def test_the_statement_is_beside_the_wheel_or_where_the_user_says(tmp_path: Path) -> None:
    wheel = stated(tmp_path)
    assert Rebuild.from_wheel(wheel).statement.project == "thing"
    moved = statement_file(wheel).rename(tmp_path / "elsewhere.json")
    assert Rebuild.from_wheel(wheel, file=moved).statement.project == "thing"
    with pytest.raises(SourceError, match="has no statement of what it was built from"):
        Rebuild.from_wheel(wheel)


@pytest.mark.parametrize(("facts", "level"), [({}, "never"), ({"emulation": {"level": "python"}}, "python")])
def test_as_much_is_emulated_as_it_was(facts: dict[str, Any], level: str) -> None:
    statement = replace(STATEMENT, internal={**STATEMENT.internal, **facts})
    assert recorded_options(statement, BuildOptions(emulate="auto")).emulate == level


def test_a_changed_wheel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = stated(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more.py", b"")
    with pytest.raises(AuditError):
        Rebuild.from_wheel(wheel)
    assert main(["rebuild", str(wheel)]) == AuditError.exit_code
    assert f"{wheel.name} is not the wheel that {statement_file(wheel).name} is about." in capsys.readouterr().err


def test_another_version_of_crossbuild_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = stated(tmp_path, crossbuild="0.0.1")
    assert main(["rebuild", str(wheel), "--json"]) == UsageError.exit_code
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["what"] == f"{wheel.name} was built by crossbuild 0.0.1; this is {__version__}."
    assert error["fix"] == "Install that version: pip install crossbuild==0.0.1"


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("externalParameters", "python", None),
        ("externalParameters", "options", {"toolchain": "zig"}),
        ("externalParameters", "variables", ["CFLAGS"]),
        ("internalParameters", "toolchain", None),
        ("internalParameters", "build-machine", {"platform": "linux-x86_64"}),
        ("internalParameters", "sysroot", []),
    ],
)
def test_a_damaged_statement_is_refused(
    part: str, key: str, value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = stated(tmp_path)
    document = json.loads(statement_file(wheel).read_text())
    document["predicate"]["buildDefinition"][part][key] = value
    statement_file(wheel).write_text(json.dumps(document))
    assert main(["rebuild", str(wheel)]) == SourceError.exit_code
    assert "is not a statement that crossbuild wrote." in capsys.readouterr().err


@pytest.mark.parametrize(
    "change",
    [
        {"annotations": {"role": "build-requirement", "project": "x\n--index-url=https://a.example/", "version": "1"}},
        {"annotations": {"role": "build-requirement", "project": "x", "version": "1\n-r x"}},
        {"digest": {"sha256": "ab\n-r x"}},
    ],
)
def test_a_statement_adds_no_options_to_requirements(change: dict[str, Any], tmp_path: Path) -> None:
    wheel = stated(tmp_path)
    document = json.loads(statement_file(wheel).read_text())
    document["predicate"]["buildDefinition"]["resolvedDependencies"][-1].update(change)
    statement_file(wheel).write_text(json.dumps(document))
    assert main(["rebuild", str(wheel)]) == SourceError.exit_code


@pytest.mark.parametrize("option", ["--python=3.12", "--sysroot-package=libxml2-dev"])
def test_what_the_statement_always_says_is_no_option(option: str, tmp_path: Path) -> None:
    assert main(["rebuild", option, str(stated(tmp_path))]) == UsageError.exit_code


def test_who_has_the_source_can_give_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise NetworkError("https://a.example answered 404 Not Found.", fix="Check the address.")

    statement = replace(STATEMENT, internal={"host": {}})
    rebuild = Rebuild(wheel=tmp_path / "a.whl", file=tmp_path, statement=statement)
    session = Session.from_options(BuildOptions(host=TAG, cache_dir=tmp_path), reporter=SilentReporter(), environ={})
    monkeypatch.setattr("crossbuild.wheelhouse.rebuild.check_tools", lambda *_: None)
    monkeypatch.setattr("crossbuild.wheelhouse.rebuild.fill_wheelhouse", gone)
    with pytest.raises(NetworkError, match="404") as caught:
        rebuild.follow(
            session, directory=tmp_path, wheel_dir=None, progress=PlainProgressReporter(reporter=SilentReporter())
        )
    assert "--project PATH" in caught.value.fix


def test_the_options_are_those_of_the_statement_and_this_machine(tmp_path: Path) -> None:
    given = BuildOptions(
        cache_dir=tmp_path,
        jobs=3,
        configuration=Configuration(packages={"thing": PackageSettings(config_settings={"other": "x"})}),
    )
    options = recorded_options(STATEMENT, given)
    assert (options.host, options.python, options.host_request.abi_flags) == (TAG, (3, 13), "t")
    assert (options.toolchain.choice, options.sysroot_packages) == ("zig", ("libyaml-dev",))
    assert (options.cache_dir, options.jobs) == (tmp_path, 3)
    settings = options.configuration.of("thing")
    assert (settings.config_settings, settings.environment) == ({"a": ["b", "c"]}, {"A": "b"})
    assert settings.build_requires == ("ninja",)


def test_builds_see_the_variables_of_the_statement_alone() -> None:
    statement = replace(STATEMENT, internal={**STATEMENT.internal, "source-date": 5})
    environ = recorded_environ(
        statement, {"CFLAGS": "-O3", "SOURCE_DATE_EPOCH": "1", "LDFLAGS": "-s", "HOME": "/home/me", "MINE": "y"}
    )
    assert Passed.from_environ(environ).wishes == {"CFLAGS": "-O1", "MINE": "x", "SOURCE_DATE_EPOCH": "5"}
    assert environ["HOME"] == "/home/me"


def test_what_is_withheld_has_to_be_given() -> None:
    secret = {"withheld": "a secret"}
    statement = with_external(variables={"KEY": secret}, environment={"TOKEN": secret})
    with pytest.raises(UsageError) as caught:
        recorded_environ(statement, {})
    assert caught.value.why.endswith(": KEY.")
    assert recorded_environ(statement, {"KEY": "x"})["KEY"] == "x"
    with pytest.raises(UsageError) as caught:
        recorded_options(statement, BuildOptions())
    assert caught.value.why.endswith(": environment.TOKEN.")
    own = Configuration(packages={"thing": PackageSettings(environment={"TOKEN": "x", "OTHER": "y"})})
    options = recorded_options(statement, BuildOptions(configuration=own))
    assert options.configuration.of("thing").environment == {"TOKEN": "x"}


def test_the_source_is_fetched_by_its_hash() -> None:
    (place,) = recorded_request(STATEMENT, None).words
    assert isinstance(place, DirectSpec)
    assert place.where == f"https://a.example/thing-1.0.tar.gz#sha256={DIGEST}"
    assert place.hashes == {"sha256": (DIGEST,)}
    (below,) = recorded_request(with_external(subdirectory="py"), None).words
    assert isinstance(below, DirectSpec)
    assert str(below.where).endswith(f"#sha256={DIGEST}&subdirectory=py")


@pytest.mark.parametrize(
    ("digest", "what"), [({"sha256": DIGEST}, "the file thing-1.0.tar.gz"), ({"dirHash": DIGEST}, "a directory")]
)
def test_a_source_without_an_address_has_to_be_given(digest: dict[str, str], what: str, tmp_path: Path) -> None:
    statement = replace(STATEMENT, source=replace(STATEMENT.source, uri="", digest=digest))
    with pytest.raises(UsageError, match=f"was built from {what}, and its statement") as caught:
        recorded_request(statement, None)
    assert caught.value.fix == "Give it with --project PATH."
    assert recorded_request(statement, tmp_path).specs == (tmp_path,)


def test_the_commit_of_a_clone_is_built(tmp_path: Path) -> None:
    source = replace(STATEMENT.source, uri="", digest={"gitCommit": "c" * 40})
    statement = replace(with_external(subdirectory="py"), source=source)
    with pytest.raises(UsageError, match=f"was built from the git commit {'c' * 40}, and") as caught:
        recorded_request(statement, None)
    assert caught.value.fix == "Give a clone of its repository with --project PATH."
    (place,) = recorded_request(statement, tmp_path).words
    assert isinstance(place, DirectSpec)
    assert place.where == f"git+{tmp_path.as_uri()}@{'c' * 40}#subdirectory=py"
    served = replace(statement, source=replace(source, uri=f"git+https://a.example/t@{'c' * 40}"))
    (place,) = recorded_request(served, None).words
    assert isinstance(place, DirectSpec)
    assert str(place.where).endswith(f"@{'c' * 40}#subdirectory=py")


def test_another_sdist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "thing-1.0.tar.gz"
    file.touch()
    with pytest.raises(UsageError, match="is not what thing"):
        recorded_request(STATEMENT, file)


def test_build_requirements_are_pinned_with_their_hashes() -> None:
    assert recorded_pins(STATEMENT) == f"setuptools==80.1 --hash=sha256:{DIGEST}\n"
    without = replace(SETUPTOOLS, name="own", version="2", uri="git+https://a.example/own@1", digest={})
    with pytest.raises(UsageError, match="have no hash: own 2"):
        recorded_pins(replace(STATEMENT, dependencies=(without,)))


def test_a_sysroot_with_more_packages_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build may find and use what else is there."""
    yaml, more = (
        SysrootPackage(name=name, version="1", architecture="arm64", sha256=DIGEST, size=1)
        for name in ("libyaml-dev", "libxml2-dev")
    )
    with_yaml = Sysroot(
        directory=tmp_path / "made",
        name=SysrootName.from_text("debian:bookworm:arm64"),
        request=SourceRequest(),
        requested=("libyaml-dev",),
        packages=(yaml,),
    )
    wanted = Resource.from_package("libyaml-dev", "1", "arm64", distribution="debian", sha256=DIGEST)
    statement = replace(STATEMENT, dependencies=(SETUPTOOLS, wanted))
    session = Session.from_options(BuildOptions(host=TAG, cache_dir=tmp_path), reporter=SilentReporter(), environ={})
    locked: list[list[str]] = []

    def create(*_: object, **options: Any) -> Sysroot:
        locked.append(options["locked"])
        return with_yaml

    monkeypatch.setattr(SysrootStore, "create", create)
    monkeypatch.setattr(Session, "describe", lambda _: SimpleNamespace(sysroot=with_yaml))
    assert with_recorded_sysroot(statement, session, tmp_path / "made") is session
    with_more = replace(with_yaml, packages=(yaml, more))
    monkeypatch.setattr(Session, "describe", lambda _: SimpleNamespace(sysroot=with_more))
    assert with_recorded_sysroot(statement, session, tmp_path / "made").options.sysroot == tmp_path / "made"
    assert locked == [["libyaml-dev=1"]]


def test_another_source_is_named() -> None:
    other = replace(STATEMENT.source, digest={"dirHash": DIGEST})
    lines = differing_inputs(STATEMENT, replace(STATEMENT, source=other))
    assert lines == ["The source is not what the first was built from"]


def test_other_inputs_are_named() -> None:
    libc = Resource.from_package("libc6", "2.36", "arm64", distribution="debian", sha256=DIGEST)
    newer = replace(libc, version="2.37", digest={"sha256": "cd" * 32})
    first, second = (replace(STATEMENT, dependencies=(SETUPTOOLS, one)) for one in (libc, newer))
    assert differing_inputs(first, second) == [
        "Only the first was built with libc6 2.36 (sysroot-package)",
        "Only the second was built with libc6 2.37 (sysroot-package)",
    ]
    assert differing_inputs(first, replace(first, dependencies=(libc,))) == [], "pins decide what is installed"
    assert differing_inputs(first, replace(first, internal={"host": {"sha256": DIGEST}})) == [
        "The host describes itself in another way"
    ]
