"""What somebody asks for, in words and in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from crossbuild.errors import UsageError
from crossbuild.options.build_options import IndexOptions
from crossbuild.requirements.direct_spec import DirectSpec, read_project, read_spec, read_word
from crossbuild.requirements.request import Request, read_request
from crossbuild.resolve.policy import ALL

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.requirements.request import ParsedRequest

GIT = "git+https://g.example/thing@v1"
ARCHIVE = "https://f.example/thing-1.0.tar.gz"
HASH = "sha256:" + "0" * 64


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("project", "at@2"):
        (tmp_path / name).mkdir()
    for name in ("project/pyproject.toml", "thing-1.0.tar.gz", "thing-1.0-py3-none-any.whl", "plain.txt"):
        (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", ["thing", "Thing[a,b]>=1", "thing; sys_platform == 'linux'", "thing==1.*"])
def test_requirements(text: str) -> None:
    assert read_word(text) == Requirement(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./project", {"where": "project"}),
        ("project/", {"where": "project"}),
        ("./project[fast,Safe_One]", {"where": "project", "extras": {"fast", "safe-one"}}),
        ("thing-1.0.tar.gz", {"where": "thing-1.0.tar.gz"}),
        ("thing-1.0-py3-none-any.whl", {"where": "thing-1.0-py3-none-any.whl"}),
        ("./project [fast]", {"where": "project", "extras": {"fast"}}),
        ("./at@2", {"where": "at@2"}),
        ("./thing-1.0-py3-none-any.whl[x]", {"where": "thing-1.0-py3-none-any.whl", "extras": {"x"}}),
    ],
)
def test_paths(here: Path, text: str, expected: dict[str, Any]) -> None:
    where = here / expected["where"]
    assert read_word(text) == DirectSpec(where=where, extras=frozenset(expected.get("extras", ())))


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("{} ; os_name == 'posix'", 'os_name == "posix"'),
        ("{}; os_name == 'posix'", 'os_name == "posix"'),
        ("{} ;", ""),
    ],
)
@pytest.mark.parametrize(
    "what",
    ["./project", "./project[x]", "thing-1.0.tar.gz", ARCHIVE, GIT, f"thing @ {ARCHIVE}", f"thing[x]@{GIT}", "HERE"],
)
def test_markers_of_places(what: str, text: str, marker: str, here: Path) -> None:
    what = what.replace("HERE", (here / "project").as_uri())
    found, alone = read_word(text.format(what)), read_word(what)
    assert isinstance(found, DirectSpec)
    assert str(found.marker or "") == marker
    assert replace(found, marker=None) == alone


@pytest.mark.parametrize(
    ("text", "where", "extras"),
    [
        ("HERE/project", "HERE/project", set()),
        ("HERE/project[x,Y_z]", "HERE/project", {"x", "y-z"}),
        ("file:project", "HERE/project", set()),
        ("file:../NAME/project#egg=thing", "HERE/project#egg=thing", set()),
        ("file://localhostPATH/project", "file://localhostPATH/project", set()),
    ],
)
def test_addresses_of_directories(text: str, where: str, extras: set[str], here: Path) -> None:
    for word, replacement in (("HERE", here.as_uri()), ("NAME", here.name), ("PATH", str(here))):
        text, where = text.replace(word, replacement), where.replace(word, replacement)
    found = read_word(text)
    assert isinstance(found, DirectSpec)
    assert found.where == where
    assert found.extras == extras


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ARCHIVE, DirectSpec(where=ARCHIVE)),
        (GIT, DirectSpec(where=GIT)),
        (f"{GIT}#egg=Thing[x]&subdirectory=a", {"name": "thing", "extras": {"x"}}),
        (f"thing @ {ARCHIVE}", DirectSpec(where=ARCHIVE, name="thing")),
        (f"Thing[x] @ {GIT}", DirectSpec(where=GIT, name="thing", extras=frozenset("x"))),
    ],
)
def test_addresses(text: str, expected: DirectSpec | dict[str, Any]) -> None:
    found = read_word(text)
    if isinstance(expected, DirectSpec):
        assert found == expected
    else:
        assert isinstance(found, DirectSpec)
        assert (found.name, found.extras) == (expected["name"], expected["extras"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("./absent", ["./absent"]),
        ("./absent-1.0-py3-none-any.whl", ["does not exist"]),
        ("./broken.whl", ["not named like a wheel"]),
        ("https://f.example/page", ["no sdist or wheel", "name @ URL"]),
        ("thing >>= 1", ["thing >>= 1"]),
        ("numpy=2", ["numpy=2", "numpy==2.3.*"]),
        ("./plain.txt", ["neither a directory nor an sdist"]),
        ("absent[new]/thing", ["'absent[new]/thing' does not exist"]),
        ("file:absent", ["no sdist, wheel or directory"]),
        ("./project ; frob == 'x'", ["The marker of", "frob"]),
        ("./project ; platform_machine ~= '1'", ["The marker of"]),
    ],
)
def test_what_cannot_be_meant(here: Path, text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        read_word(text)
    assert not [word for word in words if word not in str(caught.value)], str(caught.value)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "text",
    [
        "thing-1.0-py3-none-any.whl",
        "https://user:secret@f.example/thing-1.0-py3-none-any.whl",
        "thing @ https://f.example/thing-1.0-py3-none-any.whl#sha256=0",
    ],
)
def test_a_wheel_is_no_project(text: str) -> None:
    with pytest.raises(UsageError, match="is a wheel, which is built already") as caught:
        read_project(text)
    assert "secret" not in str(caught.value)


def test_a_path_of_a_program_is_taken_as_it_is(here: Path) -> None:
    for name in ("at[2]", "a ; b", "~home"):
        (here / name).mkdir()
        assert read_spec(Path(name)) == DirectSpec(where=here / name)
    (here / "projects[new]/thing").mkdir(parents=True)
    assert read_word("projects[new]/thing") == DirectSpec(where=here / "projects[new]/thing")


def test_directories_that_are_built_by_way_of_an_sdist(here: Path) -> None:
    words = Request(specs=("./project", "thing"), through_sdist=True).words
    assert words == (DirectSpec(where=here / "project", through_sdist=True), Requirement("thing"))
    with pytest.raises(UsageError, match="is a wheel"):
        _ = Request(specs=("thing-1.0-py3-none-any.whl",), through_sdist=True).words


@pytest.fixture
def asked(here: Path) -> Callable[..., tuple[ParsedRequest, IndexOptions]]:
    def call(text: str = "", *, limits: str = "", index: IndexOptions | None = None, **words: Any) -> Any:
        (here / "requirements.txt").write_text(text)
        (here / "limits.txt").write_text(limits)
        files = {"files": (Path("requirements.txt"),), "constraints": (Path("limits.txt"),)}
        return read_request(Request(**{**files, **words}), index=index or IndexOptions(), environ={})

    return call


def test_words_and_files_together(here: Path, asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    (here / "pyproject.toml").write_text('[dependency-groups]\ntests = ["pytest"]')
    (here / "more.txt").write_text("b<3")
    words = {"specs": ("c", "./thing-1.0.tar.gz"), "groups": ("tests",)}
    found, _ = asked("a>1\n./project\n-c more.txt", limits="a<2", **words)
    assert {str(one) for one in found.requirements} == {"a>1", "c", "pytest"}
    assert {place.where for place in found.places} == {here / "project", here / "thing-1.0.tar.gz"}
    assert found.origins["a>1"] == "requirements.txt, line 1"
    assert {name: str(found.policy.limits(name)) for name in ("a", "b")} == {"a": "<2", "b": "<3"}
    assert found.named == {"c"}


def test_what_is_named_is_built_if_that_is_wished(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    policy = asked("listed", specs=("named", "binary"), build_named=True, only_binary=frozenset({"binary"}))[0].policy
    assert [policy.takes_wheels(name) for name in ("listed", "named", "binary", "other")] == [True, False, True, True]
    policy = asked("--only-binary :all:\n--no-binary a\nlisted", specs=("b",))[0].policy
    assert policy.only_binary == {ALL}
    assert [policy.takes_sdists(name) for name in ("a", "b", "listed")] == [True, False, False]


def test_hashes_are_wanted_of_all_if_of_one(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    assert asked(f"a==1 --hash={HASH}\nb")[0].policy.require_hashes
    assert not asked("a==1\nb")[0].policy.require_hashes
    (place,) = asked(f"{ARCHIVE} --hash={HASH}")[0].places
    assert place.hashes == {"sha256": ("0" * 64,)}


def test_hashes_are_those_of_the_lines_for_the_host(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    older, newer = (f"sha256:{digit * 64}" for digit in "12")
    text = f"a==1 ; python_version < '3.8' --hash={older}\na==2 ; python_version >= '3.8' --hash={newer} --hash={HASH}"
    found = asked(text, limits=f"a --hash={newer}")[0]
    assert found.policy.require_hashes
    assert found.on(marker_environment("3.7")).policy.hashes == {"a": {"sha256": ()}}, "the constraint forbids it"
    assert found.on(marker_environment("3.9")).policy.hashes == {"a": {"sha256": ("2" * 64,)}}
    assert not asked(f"--no-require-hashes\na --hash={newer}")[0].policy.require_hashes


def test_settings_are_those_of_the_lines_for_the_host(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    text = "a ; python_version < '3.8' -C x=old\na ; python_version >= '3.8' -C x=new\n./project -C y=z\nA -C v=w"
    found = asked(text, limits="a -C limits=nothing")[0]
    assert found.on(marker_environment("3.9")).config_settings == {"a": {"x": "new", "v": "w"}}
    assert [place.config_settings for place in found.places] == [{"y": "z"}]


def marker_environment(version: str) -> dict[str, str]:
    own = {name: str(value) for name, value in default_environment().items()}
    return {**own, "python_version": version, "extra": ""}


def test_a_path_with_a_marker_is_for_its_hosts(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    found = asked("./project ; python_version < '3.8'\na ; python_version < '3.8'\nb")[0]
    assert [len(found.on(marker_environment(version)).places) for version in ("3.7", "3.9")] == [1, 0]
    assert [str(one) for one in found.on(marker_environment("3.9")).requirements] == ["b"]


def test_indexes_of_files_count_less(here: Path, asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    text = "-i https://f.example\n--extra-index-url https://g.example\n-f project\n--trusted-host g.example\na"
    _, index = asked(text, index=IndexOptions(extra_index_urls=("https://o.example",)))
    assert (index.index_url, index.extra_index_urls) == (
        "https://f.example",
        ("https://o.example", "https://g.example"),
    )
    assert list(map(str, index.find_links)) == [str(here / "project")]
    assert index.trusted_hosts == ("g.example",)
    assert asked(text, index=IndexOptions(index_url="https://own.example"))[1].index_url == "https://own.example"


def test_a_file_may_have_no_requirements(asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    found = asked("# nothing")[0]
    assert not found.requirements
    assert found.warnings == ("requirements.txt: there are no requirements.",)


def test_a_wheel_as_a_constraint(here: Path, asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    wheel = here / "thing-1.0-py3-none-any.whl"
    (limit,) = asked("thing", limits=f"./{wheel.name}")[0].policy.constraints["thing"]
    assert limit.url == wheel.as_uri()


@pytest.mark.parametrize("limit", ["a[x]<2", "./project"])
def test_no_constraint(limit: str, asked: Callable[..., tuple[ParsedRequest, IndexOptions]]) -> None:
    with pytest.raises(UsageError, match=r"limits.txt, line 1.* is no constraint"):
        asked("a", limits=limit)
