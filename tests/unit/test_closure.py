"""Which distributions a host gets, from an index made to order. The host is glibc 2.36 on aarch64, with 3.11.2."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from crossbuild.errors import NetworkError, RequirementsError, SourceError
from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.reporting import SilentReporter
from crossbuild.resolve.available import Available
from crossbuild.resolve.candidates import Candidate
from crossbuild.resolve.metadata import Metadata
from crossbuild.resolve.policy import ALL, Policy
from crossbuild.resolve.resolver import resolve, unmet
from crossbuild.session.job import JobContext
from crossbuild.sources.project import Source
from crossbuild.system.cache import Cache
from crossbuild.wheels.distribution import Distribution
from crossbuild.wheels.summary import metadata_of
from tests.unit import lies
from tests.unit.index_server import serve
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crossbuild.index.index import Found
    from crossbuild.resolve.resolver import Resolution
    from crossbuild.wheels.distribution import Origin
    from tests.unit.index_server import Server

HOST = make_host("linux_aarch64", libc="glibc 2.36")
OWN, FOREIGN = "cp311-cp311-manylinux_2_28_aarch64", "cp311-cp311-manylinux_2_28_x86_64"


class Warned(SilentReporter):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """An index, and what is built from its sdists."""

    directory: Path
    server: Server
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What the wheel that is built of ``name==version``, or of a URL, requires."""
    asked: list[str] = field(default_factory=list)
    """The sdists that were asked what their wheels require."""
    built: list[str] = field(default_factory=list)

    def wheel(
        self,
        name: str,
        version: str,
        *requires: str,
        tag: str = "py3-none-any",
        headers: tuple[str, ...] = (),
        **facts: Any,
    ) -> Path:
        """List a wheel; return it as a file, too."""
        own = f"{name.replace('-', '_')}-{version}"
        path = make_wheel(self.directory, {}, tag=tag, project=own, requires=requires, headers=headers)
        self.server.add(path.name, project=name, content=path.read_bytes(), **facts)
        return path

    def sdist(self, name: str, version: str, *requires: str, **facts: Any) -> None:
        """List an sdist, whose wheel will require ``requires``."""
        self.server.add(f"{name}-{version}.tar.gz", project=name, **facts)
        self.sources[f"{name}=={version}"] = requires

    def made(self, name: str, version: str, *requires: str) -> Path:
        """Return the host's wheel of a project."""
        return make_wheel(self.directory, {}, project=f"{name}-{version}", requires=requires)

    def metadata(self, sdist: Found) -> Metadata:
        label = f"{sdist.name}=={sdist.version}"
        self.asked.append(label)
        return Metadata.from_wheel(self.made(sdist.name, sdist.version, *self.sources[label]))

    def build(self, sdist: Found, origin: Origin, turn: JobContext) -> Distribution:
        label = f"{sdist.name}=={sdist.version}"
        turn.reporter.note(label)
        self.built.append(label)
        return Distribution.from_wheel(self.made(sdist.name, sdist.version, *self.sources[label]), origin=origin)

    def unpack(self, sdist: Found) -> Source:
        return Source.from_sdist(sdist.path, into=self.directory / "unpacked")

    def direct(self, requirement: Requirement) -> Candidate:
        url = requirement.url or ""
        self.built.append(url)
        return replace(Candidate.from_wheel(self.made(requirement.name, "7.0", *self.sources[url])), url=url)

    def resolve(self, *wanted: str, dependencies: bool = True, **offers: Any) -> Resolution:
        options = IndexOptions(index_url=self.server.index)
        index = Index.from_options(options, environ={}, cache=Cache(root=self.directory / "cache"))
        policy = {name: offers.pop(name) for name in tuple(offers) if name in Policy.__dataclass_fields__}
        shelves = Available(index=index, host=HOST, workshop=self, policy=Policy(**policy), **offers)
        return resolve(map(Requirement, wanted), shelves, dependencies=dependencies)

    def __call__(self, *wanted: str, dependencies: bool = True, **offers: Any) -> list[str]:
        """Return what ``wanted`` comes to, as ``name==version``; each wheel can be had, and is what it says."""
        choices = self.resolve(*wanted, dependencies=dependencies, **offers).choices
        for choice in choices:
            wheel = choice.obtain(JobContext(reporter=SilentReporter())).wheel
            assert parse_wheel_filename(wheel.name)[:2] == (choice.name, choice.version)
        return [f"{choice.name}=={choice.version}" for choice in choices]

    def refusal(self, *wanted: str, **offers: Any) -> RequirementsError:
        with pytest.raises(RequirementsError) as caught:
            self(*wanted, **offers)
        return caught.value


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with serve() as server:
        yield Shop(directory=tmp_path, server=server)


# --- What comes with it --------------------------------------------------------------------------------------------


def test_dependencies_by_the_markers_of_the_host(shop: Shop) -> None:
    shop.wheel(
        "app",
        "1.0",
        "Here-Too>=1; platform_machine == 'aarch64' and sys_platform == 'linux'",
        "exact; python_full_version == '3.11.2' and implementation_name == 'cpython'",
        "elsewhere; platform_machine == 'x86_64'",
        "old; python_version < '3.11'",
    )
    shop.wheel("here-too", "1.5", "deep")
    for name in ("exact", "deep"):
        shop.wheel(name, "1.0", tag=OWN)
    assert shop("app") == ["app==1.0", "deep==1.0", "exact==1.0", "here-too==1.5"]
    assert shop("app", dependencies=False) == ["app==1.0"]
    assert shop("exact; platform_machine == 'x86_64'", "deep; os_name == 'posix'") == ["deep==1.0"]


def test_extras(shop: Shop) -> None:
    shop.wheel("app", "1.0", "fast; extra == 'fast-path'", "slow; extra == 'slow'", "app[slow]; extra == 'all'")
    for name in ("fast", "slow", "other"):
        shop.wheel(name, "1.0")
    shop.wheel("needs-app", "1.0", "app[slow]<2")
    assert shop("app") == ["app==1.0"]
    assert shop("app[Fast_Path]") == ["app==1.0", "fast==1.0"]
    assert shop("app[all]") == ["app==1.0", "slow==1.0"]
    assert shop("app[fast-path]", "needs-app") == ["app==1.0", "fast==1.0", "needs-app==1.0", "slow==1.0"]


def test_an_extra_is_of_the_same_version(shop: Shop) -> None:
    for version in ("1.0", "2.0"):
        shop.wheel("app", version, f"extra-{version[0]}; extra == 'more'")
        shop.wheel(f"extra-{version[0]}", "1.0")
    assert shop("app[more]", "app<2") == ["app==1.0", "extra-1==1.0"]


def test_what_fits_together_is_found(shop: Shop) -> None:
    shop.wheel("app", "2.0", "base>=2")
    shop.wheel("app", "1.0", "base>=1")
    shop.wheel("plugin", "1.0", "base<2")
    for version in ("1.9", "2.1"):
        shop.wheel("base", version)
    assert shop("app", "plugin") == ["app==1.0", "base==1.9", "plugin==1.0"]


# --- Which of them -------------------------------------------------------------------------------------------------


def test_a_wheel_for_the_host_before_the_sdist_of_its_version(shop: Shop) -> None:
    shop.wheel("thing", "1.0", tag=OWN)
    shop.sdist("thing", "1.0")
    assert shop("thing") == ["thing==1.0"]
    assert shop.built == []
    assert (
        shop("thing", no_binary=frozenset({"thing"})) == shop("thing", no_binary=frozenset({":all:"})) == ["thing==1.0"]
    )
    assert shop.built == ["thing==1.0"] * 2


def test_what_has_no_wheel_for_the_host_is_built(shop: Shop) -> None:
    shop.wheel("thing", "1.0", tag=OWN)
    shop.wheel("thing", "1.1", tag=FOREIGN)
    shop.sdist("thing", "1.1", "deep")
    shop.wheel("thing", "1.2", tag=FOREIGN)
    shop.sdist("deep", "3.0")
    assert shop("thing") == ["deep==3.0", "thing==1.1"]
    assert shop.asked == shop.built[::-1] == ["thing==1.1", "deep==3.0"]


def test_versions_that_are_not_for_everybody(shop: Shop) -> None:
    shop.wheel("thing", "1.0")
    shop.wheel("thing", "1.1", yanked="broken")
    shop.wheel("thing", "1.2", requires_python=">=3.12")
    shop.wheel("thing", "2.0rc1")
    assert shop("thing") == shop("thing==1.*") == ["thing==1.0"]
    assert shop("thing==1.1") == ["thing==1.1"]
    assert shop("thing>=2.0rc1") == ["thing==2.0rc1"]
    assert "thing==1.2" in shop.refusal("thing==1.2").why


def test_what_is_here_is_taken_where_it_will_do(shop: Shop) -> None:
    shop.wheel("thing", "1.0")
    shop.wheel("thing", "2.0")
    own = Candidate.from_wheel(shop.made("thing", "1.5.dev1"))
    assert shop("thing", there={"thing": own}) == ["thing==1.5.dev1"]
    assert shop.server.asked == []
    assert shop("thing>=1.9", there={"thing": own}) == ["thing==2.0"]
    assert shop("thing<1.5", there={"thing": own}) == ["thing==1.0"]
    assert shop.built == []


def test_what_is_here_stays_where_nothing_is_newer(shop: Shop) -> None:
    shop.wheel("thing", "1.0")
    shop.wheel("thing", "2.0")

    def upgraded(version: str) -> Candidate:
        there = {"thing": replace(Candidate.from_wheel(shop.made("thing", version)), url="here")}
        return shop.resolve("thing", there=there, keeps=lambda _: False).choices[0]

    assert [(one.version.public, one.url) for one in map(upgraded, ("1.0", "2.0"))] == [("2.0", ""), ("2.0", "here")]


def test_what_is_here_and_on_no_index_stays(shop: Shop) -> None:
    own = Candidate.from_wheel(shop.made("own", "1.0"))
    assert shop("own", there={"own": own}, keeps=lambda _: False) == ["own==1.0"]


def test_what_is_named_is_built_unless_wheels_are_wished(shop: Shop) -> None:
    shop.wheel("thing", "1.0")
    shop.sdist("thing", "1.0")
    named = frozenset({"thing"})
    assert shop("thing", built=named) == shop("thing", built=named, only_binary=frozenset({":all:"})) == ["thing==1.0"]
    assert shop.built == ["thing==1.0"], "the first time"


def test_what_a_wheel_says_of_python_counts(shop: Shop) -> None:
    for version, python in (("1.0", ">=3.8,<3.12"), ("2.0", ">=3.12"), ("3.0", "no specifier")):
        shop.wheel("thing", version, headers=(f"Requires-Python: {python}",))
    assert shop("thing") == ["thing==3.0"]
    assert shop("thing<3") == ["thing==1.0"]
    refusal = shop.refusal("thing==2.0")
    assert refusal.what.startswith("No version of python for ")
    assert refusal.why.splitlines() == ["thing 2.0 asked for python >=3.12.", "There is python 3.11.2."]


@pytest.mark.parametrize("tag", ["py3-none-any", OWN])
def test_the_highest_build_of_a_wheel_is_taken(shop: Shop, tag: str) -> None:
    for build in ("", "-2", "-10", "-9a"):
        path = make_wheel(shop.directory, {}, tag=tag, project="thing-1.0")
        shop.server.add(path.name.replace("1.0", f"1.0{build}", 1), project="thing", content=path.read_bytes())
    (choice,) = shop.resolve("thing").choices
    assert choice.obtain(JobContext(reporter=SilentReporter())).wheel.name == f"thing-1.0-10-{tag}.whl"


def test_what_is_given_is_meant(shop: Shop) -> None:
    shop.wheel("thing", "2.0")
    shop.wheel("app", "1.0", "thing>=2")
    own = Candidate.from_wheel(shop.made("thing", "1.0"))
    assert shop("thing", given={"thing": own}) == ["thing==1.0"]
    assert shop.refusal("thing", "app", given={"thing": own}).why.splitlines() == [
        "You asked for thing.",
        "app 1.0 asked for thing>=2.",
        "There is thing 1.0.",
    ]


def test_what_is_behind_an_address_is_built(shop: Shop) -> None:
    url = f"{shop.server.url}/elsewhere/thing-7.0.tar.gz"
    shop.wheel("thing", "9.0")
    shop.wheel("app", "1.0", f"thing[more] @ {url}")
    shop.wheel("other", "1.0", "thing")
    shop.wheel("third", "1.0", f"thing @ {url}.other.tar.gz")
    shop.sources[url] = ("deep; extra == 'more'",)
    shop.wheel("deep", "1.0")
    assert shop("app", "other") == ["app==1.0", "deep==1.0", "other==1.0", "thing==7.0"]
    assert set(shop.built) == {url}
    assert "third 1.0 asked for thing" in shop.refusal("app", "third").why
    own = Candidate.from_wheel(shop.made("thing", "1.0"))
    assert shop("third", given={"thing": own}) == ["thing==1.0", "third==1.0"]


def test_constraints_choose_nothing_by_themselves(shop: Shop) -> None:
    for version in ("1.0", "2.0"):
        shop.wheel("base", version)
    shop.wheel("app", "1.0", "base")
    limits = {"base": (Requirement("base<2"),), "unknown": (Requirement("unknown==1"),)}
    assert shop("app", constraints=limits) == ["app==1.0", "base==1.0"]
    assert "Your constraint says base<2." in shop.refusal("app", "base>=2", constraints=limits).why


def test_prereleases_if_they_are_as_good(shop: Shop) -> None:
    shop.wheel("thing", "1.0")
    shop.wheel("thing", "2.0rc1")
    assert shop("thing", all_releases={ALL}) == ["thing==2.0rc1"]


def test_wheels_if_they_are_better(shop: Shop) -> None:
    shop.wheel("thing", "1.0", tag=OWN)
    shop.sdist("thing", "2.0")
    assert shop("thing") == ["thing==2.0"]
    assert shop("thing", prefer_binary=True) == ["thing==1.0"]
    assert shop("thing>1", prefer_binary=True) == ["thing==2.0"]
    for only in ("thing", ":all:"):
        assert shop("thing", only_binary=frozenset({only})) == ["thing==1.0"]
    assert shop("thing", only_binary=frozenset({":all:"}), no_binary=frozenset({"thing"})) == ["thing==2.0"]
    assert "There is thing 1.0." in shop.refusal("thing>1", only_binary=frozenset({"thing"})).why
    shop.sdist("source-only", "1.0")
    assert "it may not be built" in shop.refusal("source-only", only_binary=frozenset({":all:"})).what


def test_what_was_asked_for_by_name_is_built(shop: Shop) -> None:
    for name in ("app", "base"):
        shop.wheel(name, "1.0", *(["base"] if name == "app" else []))
        shop.sdist(name, "1.0", *(["base"] if name == "app" else []))
    assert shop("app", built=frozenset({"app"})) == ["app==1.0", "base==1.0"]
    assert shop.built == ["app==1.0"]


def test_only_files_with_the_hashes_that_are_wanted(shop: Shop) -> None:
    first = shop.wheel("thing", "1.0")
    shop.wheel("thing", "2.0")
    own = {"thing": {"sha256": (hashlib.sha256(first.read_bytes()).hexdigest(),)}}
    assert shop("thing", hashes=own) == ["thing==1.0"]
    wrong = {"thing": {"sha256": ("0" * 64,)}}
    assert "none of the hashes" in shop.refusal("thing", hashes=wrong).why
    shop.wheel("app", "1.0", "thing")
    assert shop.refusal("app", hashes=own, require_hashes=True).what.startswith("There is no hash for app,")


def test_a_file_that_the_index_lists_without_a_hash_is_compared_when_it_is_here(shop: Shop) -> None:
    first = shop.wheel("thing", "1.0", hashes={})
    own = hashlib.sha512(first.read_bytes()).hexdigest()
    assert shop("thing", hashes={"thing": {"sha512": (own,)}}) == ["thing==1.0"]
    with pytest.raises(NetworkError, match="none of its hashes is wanted"):
        shop("thing", hashes={"thing": {"sha512": ("0" * 128,)}})


def test_metadata_beside_a_wheel_spares_its_download(shop: Shop) -> None:
    wheel = shop.wheel("thing", "1.0", "base", core_metadata=True)
    shop.server.pages[f"/files/{wheel.name}.metadata"] = (200, "text/plain", metadata_of(wheel))
    shop.wheel("base", "1.0")
    assert [choice.label for choice in shop.resolve("thing").choices] == ["base 1.0", "thing 1.0"]
    assert f"/files/{wheel.name}" not in shop.server.asked


TOLD = b"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\nRequires-Dist: base\nRequires-Dist: other\n"


@pytest.mark.parametrize("how", ["with a hash", "without"])
@pytest.mark.parametrize(
    ("content", "lie"),
    [
        (TOLD, "breaks off at 1"),
        (TOLD, "breaks off early without a length"),
        (TOLD, "Content-Length is too large"),
        (TOLD, "chunks without an end"),
        (TOLD, "endless chunks"),
        (TOLD, "compressed"),
        (TOLD, "an error page"),
        (TOLD, "not there"),
        (TOLD, "out of order"),
        (TOLD, "says nothing"),
        (TOLD, "to a file"),
        (TOLD, "nothing as the whole"),
        (TOLD[:-14], ""),
        (TOLD.replace(b"1.0", b"2.0"), ""),
        (TOLD.replace(b"thing", b"sting"), ""),
        (TOLD.replace(b"Metadata-Version: 2.1\n", b""), ""),
        (TOLD.replace(b": base", b": ==base"), ""),
    ],
)
def test_unusable_metadata_beside_a_wheel(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, content: bytes, lie: str, how: str
) -> None:
    reporter = Warned()
    warnings = reporter.warnings
    monkeypatch.setattr("crossbuild.index.connection._PAUSES", (0.0,))
    monkeypatch.setattr("crossbuild.index.download._LARGEST_UNDECLARED", 2**20)
    hashes = {"sha256": hashlib.sha256(content).hexdigest()} if how == "with a hash" else True
    wheel = shop.wheel("thing", "1.0", "base", "other", core_metadata=hashes)
    for name in ("base", "other"):
        shop.wheel(name, "1.0")
    path = f"/files/{wheel.name}.metadata"
    shop.server.pages[path] = (200, "text/plain", content)
    if lie:
        shop.server.lies[path] = lies.OF_FILES[lie]
    assert shop("thing", reporter=reporter) == ["base==1.0", "other==1.0", "thing==1.0"]
    assert [text for text in warnings if wheel.name in text and "reading the wheel" in text]
    shop.server.lies.clear()
    shop.server.pages[path] = (200, "text/plain", TOLD)
    warnings.clear()
    assert shop("thing", reporter=reporter) == ["base==1.0", "other==1.0", "thing==1.0"]
    assert not warnings or content != TOLD


@pytest.mark.parametrize("how", ["with a hash", "without"])
def test_metadata_that_is_not_the_wheels(shop: Shop, how: str) -> None:
    """It cannot be told from the right one before the wheel is here: a dependency is missing in it."""
    short = TOLD[: TOLD.index(b"Requires-Dist: other")]
    hashes = {"sha256": hashlib.sha256(short).hexdigest()} if how == "with a hash" else True
    wheel = shop.wheel("thing", "1.0", "base", "other", core_metadata=hashes)
    for name in ("base", "other"):
        shop.wheel(name, "1.0")
    path = f"/files/{wheel.name}.metadata"
    shop.server.pages[path] = (200, "text/plain", short)
    with pytest.raises(NetworkError, match="has other dependencies than its index says"):
        shop("thing")
    del shop.server.pages["/simple/thing/"]
    hashes = {"sha256": hashlib.sha256(TOLD).hexdigest()} if how == "with a hash" else True
    shop.server.add(wheel.name, content=wheel.read_bytes(), core_metadata=hashes)
    shop.server.pages[path] = (200, "text/plain", TOLD)
    assert shop("thing") == ["base==1.0", "other==1.0", "thing==1.0"]


def test_hashes_of_unknown_kinds(shop: Shop) -> None:
    first = shop.wheel("thing", "1.0", hashes={})
    own = hashlib.sha512(first.read_bytes()).hexdigest()
    assert shop("thing", hashes={"thing": {"blake9": ("0",), "sha512": (own,)}}) == ["thing==1.0"]
    with pytest.raises(NetworkError, match="cannot be verified"):
        shop("thing", hashes={"thing": {"blake9": ("0",)}})


def test_who_needs_what(shop: Shop) -> None:
    shop.wheel("app", "1.0", "middle[more]")
    shop.wheel("middle", "1.0", "base; extra == 'more'")
    shop.wheel("base", "1.0")
    resolution = shop.resolve("app")
    assert resolution.requested == {"app"}
    assert resolution.required_by == {"app": (), "middle": ("app",), "base": ("middle",)}


# --- What is said --------------------------------------------------------------------------------------------------


def test_who_asked_for_what(shop: Shop) -> None:
    shop.wheel("app", "1.0", "base>=2; sys_platform == 'linux'")
    shop.wheel("plugin", "3.0", "base<2")
    for version in ("1.8", "1.9", "2.1"):
        shop.wheel("base", version)
    error = shop.refusal("app", "plugin")
    assert error.what == "No version of base for linux_aarch64 and Python 3.11 is all that is asked for."
    assert set(error.why.splitlines()) == {
        'app 1.0 asked for base>=2; sys_platform == "linux".',
        "plugin 3.0 asked for base<2.",
        "There is base 2.1, 1.9, 1.8.",
    }


def test_for_whom_it_was_asked(shop: Shop) -> None:
    shop.wheel("app", "1.0", "middle")
    shop.wheel("middle", "1.0", "gone")
    assert shop.refusal("app").why == "middle 1.0 asked for gone, for app."


def test_what_is_not_to_be_had(shop: Shop) -> None:
    shop.wheel("app", "1.0", "foreign")
    shop.wheel("foreign", "1.0", tag=FOREIGN)
    error = shop.refusal("app")
    assert error.what == "There is no foreign for linux_aarch64 and Python 3.11: neither a wheel nor an sdist."
    assert error.why.splitlines() == [
        "app 1.0 asked for foreign.",
        "foreign 1.0: wheels for other machines or Pythons.",
    ]
    with pytest.raises(SourceError, match="There is no project 'nowhere'"):
        shop("nowhere")


def test_a_requirement_that_cannot_be_read(shop: Shop) -> None:
    shop.wheel("app", "1.0", "thing>=>1")
    assert shop.refusal("app").what == "app-1.0-py3-none-any.whl has an invalid requirement: 'thing>=>1'"


def test_what_is_together_and_does_not_fit(shop: Shop) -> None:
    markers = ("gone", "elsewhere; platform_machine == 'x86_64'", "optional; extra == 'more'")
    wheels = [shop.wheel("app", "1.0", "Base>=2", *markers), shop.wheel("base", "1.0"), shop.wheel("free", "1.0")]
    assert list(unmet(map(Candidate.from_wheel, wheels), HOST)) == [
        "app 1.0 requires Base>=2: there is 1.0.",
        "app 1.0 requires gone: it is not there.",
    ]


def test_an_index_is_asked_once(shop: Shop) -> None:
    shop.wheel("base", "1.0")
    asked = [f"app-{number}" for number in range(5)]
    for name in asked:
        shop.wheel(name, "1.0", "base>=0.5", "base!=3")
    shop(*asked)
    pages = [path for path in shop.server.asked if path == "/simple/base/"]
    assert len(pages) == 1
