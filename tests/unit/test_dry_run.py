"""What ``--dry-run`` shows: nothing is built, and nothing is written outside of the cache."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild import frontend
from crossbuild.building import cached
from crossbuild.building.cached import Builder
from crossbuild.cli.app import main
from crossbuild.errors import RequirementsError, SourceError
from crossbuild.image.fill import ImageTarget, InstallOptions, plan_image
from crossbuild.reporting import SilentReporter
from crossbuild.requirements.request import Request
from crossbuild.resolve.candidates import Candidate
from crossbuild.resolve.metadata import Metadata
from crossbuild.session.session import Session
from crossbuild.sources.project import Source
from crossbuild.wheelhouse import dry_run
from crossbuild.wheelhouse.dry_run import Plan, PlannedPackage, plan_request
from crossbuild.wheelhouse.workshop import builder
from crossbuild.wheels.distribution import Distribution, Origin
from tests.json_reference import differences, documented, members, terms
from tests.unit.index_server import serve
from tests.unit.session_samples import make_session
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.index_server import Server

OTHERS = "cp311-cp311-win_amd64"
STATIC = "Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"
OLD = "Metadata-Version: 1.1\nName: {name}\nVersion: {version}\n"


def make_sdist(directory: Path, project: str, *, info: str = STATIC, requires: str = "") -> Path:
    name, version = project.split("-")
    text = info.format(name=name, version=version) + (f"Requires-Dist: {requires}\n" if requires else "")
    archive = directory / f"{project}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for member, content in (("PKG-INFO", text), ("setup.py", "raise SystemExit('built')")):
            header = tarfile.TarInfo(f"{project}/{member}")
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content.encode()))
    return archive


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """One that can compile nothing."""
    session = make_session(tmp_path, reporter=SilentReporter(), monkeypatch=monkeypatch)
    host = make_host(libc="glibc 2.36")
    plan = SimpleNamespace(known_host=host, described=host, sysroot=None, python_version=(3, 11, 2))
    monkeypatch.setattr(Session, "plan", lambda *_: plan)
    monkeypatch.setattr(Session, "describe", lambda *_: plan)
    monkeypatch.delattr(Session, "target")
    return session


def planned(session: Session, *specs: str, **words: Any) -> dict[str, PlannedPackage]:
    plan = plan_request(Request(specs=specs, **words), session=session)
    plan.raise_for_missing()
    return {one.name: one for one in plan.packages}


def files_in(directory: Path) -> set[Path]:
    return set(directory.rglob("*"))


def test_wheels_and_sdists_that_are_here(tmp_path: Path, session: Session) -> None:
    wheel = make_wheel(tmp_path, {}, tag="py3-none-any", project="deep-1.0", requires=())
    sdist = make_sdist(tmp_path, "app-2.0", requires="deep<2")
    before = files_in(tmp_path)
    found = planned(session, "app")
    assert files_in(tmp_path) == before
    assert found == {
        "app": PlannedPackage(
            name="app",
            version="2.0",
            action="build",
            filename=sdist.name,
            url=sdist.as_uri(),
            size=sdist.stat().st_size,
            requested=True,
        ),
        "deep": PlannedPackage(
            name="deep",
            version="1.0",
            action="local",
            filename=wheel.name,
            url=wheel.as_uri(),
            size=wheel.stat().st_size,
            required_by=("app",),
        ),
    }


def test_dependencies_that_only_a_build_tells(tmp_path: Path, session: Session) -> None:
    make_sdist(tmp_path, "app-2.0", info=OLD, requires="nothing-of-that-name")
    found = planned(session, "app")
    assert [(one.action, one.dependencies_known) for one in found.values()] == [("build", False)]


@pytest.mark.parametrize(
    ("pyproject", "name", "version", "known", "dependencies"),
    [
        ('[project]\nname = "own"\nversion = "3"\ndependencies = ["deep"]\n', "own", "3", True, {"deep"}),
        ('[project]\nname = "own"\ndynamic = ["version"]\ndependencies = ["deep"]\n', "own", None, True, {"deep"}),
        ('[project]\nname = "own"\nversion = "3"\ndynamic = ["dependencies"]\n', "own", None, False, set()),
        ("", "thing", None, False, set()),
    ],
)
def test_a_directory(
    tmp_path: Path,
    session: Session,
    pyproject: str,
    name: str,
    version: str | None,
    *,
    known: bool,
    dependencies: set[str],
) -> None:
    make_wheel(tmp_path, {}, tag="py3-none-any", project="deep-1.0", requires=())
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/pyproject.toml").write_text(pyproject)
    found = planned(session, f"{tmp_path}/thing")
    assert found.keys() == {name, *dependencies}
    own = found[name]
    assert (own.version, own.action, own.dependencies_known) == (version, "build", known)
    assert (own.url, own.filename, own.size) == ((tmp_path / "thing").as_uri(), "", None)


def test_a_version_that_is_open_is_in_no_conflict(tmp_path: Path, session: Session) -> None:
    make_wheel(tmp_path, {}, tag="py3-none-any", project="app-1.0", requires=("own>=2",))
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/pyproject.toml").write_text('[project]\nname = "own"\ndynamic = ["version"]\n')
    assert planned(session, f"{tmp_path}/thing", "app").keys() == {"app", "own"}


def test_what_has_neither_is_shown_with_the_rest(tmp_path: Path, session: Session) -> None:
    make_wheel(tmp_path, {}, tag=OTHERS, project="nowhere-1.5", requires=())
    make_wheel(tmp_path, {}, tag="py3-none-any", project="app-1.0", requires=("nowhere", "unknown>=2"))
    plan = plan_request(Request(specs=("app",)), session=session)
    assert [(one.name, one.version, one.action, one.reason) for one in plan.packages] == [
        ("app", "1.0", "local", ""),
        ("nowhere", "1.5", "missing", "has no wheel for the host and no sdist"),
        ("unknown", None, "missing", "is not on any index"),
    ]
    with pytest.raises(RequirementsError, match="neither a wheel nor an sdist"):
        plan.raise_for_missing()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"only_binary": frozenset(("probe",))}, "has no wheel for the host, and may not be built"),
        ({"build_named": True}, "has no sdist"),
    ],
)
def test_what_may_not_be_taken(tmp_path: Path, session: Session, words: dict[str, Any], reason: str) -> None:
    if "only_binary" in words:
        make_sdist(tmp_path, "probe-1.0")
    else:
        make_wheel(tmp_path, {}, tag="py3-none-any", project="probe-1.0", requires=())
    plan = plan_request(Request(specs=("probe",), **words), session=session)
    assert [(one.action, one.reason) for one in plan.packages] == [("missing", reason)]
    assert plan.refusal


def test_a_version_before_one_that_the_host_cannot_have(tmp_path: Path, session: Session) -> None:
    """As in the real choice, an older version is taken before one that requires what is missing."""
    make_wheel(tmp_path, {}, tag="py3-none-any", project="app-2.0", requires=("unknown",))
    make_wheel(tmp_path, {}, tag="py3-none-any", project="app-1.0", requires=())
    assert planned(session, "app")["app"].version == "1.0"


def test_a_conflict_is_an_error_as_ever(tmp_path: Path, session: Session) -> None:
    make_wheel(tmp_path, {}, tag="py3-none-any", project="deep-1.0", requires=())
    with pytest.raises(RequirementsError, match="all that is asked for"):
        plan_request(Request(specs=("deep<1", "deep>=1")), session=session)


def test_what_was_built_before(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also its dependencies are known then."""
    make_sdist(tmp_path, "app-2.0", info=OLD)
    make_wheel(tmp_path, {}, tag="py3-none-any", project="deep-1.0", requires=())
    (tmp_path / "made").mkdir()
    wheel = make_wheel(tmp_path / "made", {}, tag="cp311-cp311-linux_aarch64", project="app-2.0", requires=("deep",))

    def kept(_: Builder, source: Source, *, origin: Origin) -> Distribution | None:
        return Distribution.from_wheel(wheel, origin=origin) if source.name == "app" else None

    monkeypatch.setattr(Builder, "kept", kept)
    found = planned(session, "app", build_named=True)
    assert [(one.name, one.action) for one in found.values()] == [("app", "cached"), ("deep", "local")]
    assert (found["app"].filename, found["app"].size) == (wheel.name, wheel.stat().st_size)


@pytest.mark.parametrize(
    ("kept", "key", "expected"),
    [("app-2.0", "same", True), ("app-2.0", "other", False), ("app-1.0", "same", False), (None, "same", False)],
)
def test_what_the_cache_has_of_an_sdist(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch, kept: str | None, key: str, *, expected: bool
) -> None:
    """Compilers, which the key depends on, are prepared only if a wheel of that version was ever built."""
    sdist = Source.from_sdist(make_sdist(tmp_path, "app-2.0"), into=tmp_path / "unpacked")
    entry = session.services.cache.path("host-wheels", "same")
    entry.mkdir(parents=True)
    if kept:
        make_wheel(entry, {}, project=kept)
    asked: list[Any] = []

    def key_of(*words: Any) -> str:
        asked.append(words)
        return key

    monkeypatch.setattr(cached, "_key", key_of)
    found = builder(session).kept(sdist, origin=Origin(url="file:///app"))
    assert (found is not None) == expected
    assert bool(asked) == (kept == "app-2.0")


def test_what_a_build_adds_to_the_sysroot(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        make_sdist(tmp_path, f"{name}-1.0")
    wanted = {"one": {"libxml2-dev", "libc6"}, "two": set[str]()}
    monkeypatch.setattr(dry_run, "wanted_packages", lambda source, _: frozenset(wanted[source.name]))
    there = SimpleNamespace(packages=[SimpleNamespace(name="libc6")])
    session.plan().__dict__["sysroot"] = there
    plan = plan_request(Request(specs=("one", "two")), session=session)
    assert [one.host_packages for one in plan.packages] == [("libxml2-dev",), ()]
    assert plan.host_packages == ("libxml2-dev",)


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as state:
        yield state


def test_what_is_on_an_index_is_not_downloaded(tmp_path: Path, session: Session, server: Server) -> None:
    (tmp_path / "made").mkdir()
    for project in ("deep-1.0", "kept-1.0"):
        wheel = make_wheel(tmp_path / "made", {}, tag="py3-none-any", project=project, requires=())
        server.add(wheel.name, project=project.partition("-")[0], content=wheel.read_bytes(), size=wheel.stat().st_size)
    options = crossbuild.IndexOptions(index_url=server.index)
    session = session.with_index(options)
    available = session.services.index
    available.fetch("kept", available.list_all("kept")[0])
    server.asked.clear()
    found = planned(session, "deep", "kept", dependencies=False)
    sizes = [wheel.stat().st_size for wheel in sorted((tmp_path / "made").iterdir())]
    assert [(one.action, one.size) for one in found.values()] == list(zip(("download", "cached"), sizes, strict=True))
    assert found["deep"].url == f"{server.url}/files/deep-1.0-py3-none-any.whl"
    assert server.downloads() == []


def test_an_image_stays_as_it_is(tmp_path: Path, session: Session) -> None:
    for project in ("deep-1.0", "app-1.0"):
        make_wheel(tmp_path, {}, tag="py3-none-any", project=project, requires=())
    image = tmp_path / "image"
    info = image / "deep-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deep\nVersion: 1.0\n")
    before = files_in(image)
    place = ImageTarget(target=image)
    plan = plan_image(Request(specs=("app", "deep")), place, InstallOptions(), session=session)
    assert [(one.name, one.action) for one in plan.packages] == [("app", "local"), ("deep", "installed")]
    assert files_in(image) == before
    plan_image(Request(specs=("app",)), ImageTarget(root=tmp_path / "new"), InstallOptions(), session=session)
    assert not (tmp_path / "new").exists()


def test_a_candidate_without_a_version_fits_any_specifier() -> None:
    absent = Candidate.absent("thing", None, lack="is not on any index")
    assert (absent.label, absent.is_there, absent.has_version) == ("thing", False, False)
    assert absent.tell() == Metadata(name="thing", version=absent.version)


# --- What is printed -----------------------------------------------------------------------------------------------

PLAN = Plan(
    packages=(
        PlannedPackage(name="app", version=None, action="build", url="file:///app%201", dependencies_known=False),
        PlannedPackage(
            name="deep", version="1.0", action="download", filename="deep-1.0-py3-none-any.whl", size=98_234
        ),
        PlannedPackage(
            name="lxml",
            version="6.0",
            action="build",
            filename="lxml-6.0.tar.gz",
            size=4_100_000,
            host_packages=("libxml2-dev", "libxslt1-dev"),
        ),
        PlannedPackage(name="none", version="1.5", action="missing", reason="has no wheel for the host and no sdist"),
    ),
    host_packages=("libxml2-dev", "libxslt1-dev"),
    refusal=SourceError("No such luck."),
)
TABLE = """\
app       build              /app 1/
    its dependencies are not known without building
deep 1.0  download  98.2 kB  deep-1.0-py3-none-any.whl
lxml 6.0  build      4.1 MB  lxml-6.0.tar.gz
    adds to the sysroot: libxml2-dev, libxslt1-dev
none 1.5  missing            has no wheel for the host and no sdist
"""


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which each command has that plan."""
    for name in ("plan_wheels", "plan_image"):
        monkeypatch.setattr(frontend, name, lambda *_, **__: PLAN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


WORDS = [
    ["wheel", "app", "-w", "there", "--index", "index", "--lock", "pylock.toml"],
    ["install", "app", "--root", "image", "--manifest", "manifest.json", "--sbom", "sbom.json"],
]


@pytest.mark.parametrize("words", WORDS, ids=["wheel", "install"])
def test_the_table(plans: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    code = main([*words, "--host", "linux_aarch64", "--dry-run"])
    printed = capsys.readouterr()
    assert code == SourceError.exit_code
    assert printed.out == TABLE
    assert "4 packages: 1 to download, 2 to build, 1 missing; 98.2 kB to download" in printed.err
    assert "adds to the sysroot: libxml2-dev, libxslt1-dev" in printed.err
    assert "No such luck." in printed.err
    assert not list(plans.iterdir())


@pytest.mark.parametrize("words", WORDS, ids=["wheel", "install"])
def test_the_document(plans: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    main([*words, "--host", "linux_aarch64", "--dry-run", "--json"])
    document = json.loads(capsys.readouterr().out)
    said = documented(f"{words[0]} --dry-run")
    assert not list(differences(said, document))
    assert document.keys() == said.keys()
    assert document["error"]["what"] == "No such luck."
    for one in document["packages"]:
        assert one.keys() == said["packages"][0].keys()
    assert members(said["packages"]) <= terms("wheel --dry-run")
    assert not list(plans.iterdir())


def test_a_project_and_a_size_are_shown_as_everywhere(
    plans: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = PlannedPackage(name="own", version="1", action="build", url=(plans / "own").as_uri())
    tiny = PlannedPackage(name="tiny", version="1", action="local", filename="tiny-1-py3-none-any.whl", size=816)
    monkeypatch.setattr(frontend, "plan_wheels", lambda *_, **__: Plan(packages=(own, tiny)))
    assert main(["wheel", "./own", "--host", "linux_aarch64", "--dry-run"]) == 0
    assert capsys.readouterr().out == "own 1   build          own/\ntiny 1  local  0.8 kB  tiny-1-py3-none-any.whl\n"


def test_it_does_not_deliver(plans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fill_wheelhouse", "fill_image"):
        monkeypatch.delattr(frontend, name)
    for words in WORDS:
        assert main([*words, "--host", "linux_aarch64", "--dry-run", "-q"]) == SourceError.exit_code
    assert Path.cwd() == plans
