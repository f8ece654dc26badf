"""The statement beside a wheel: its form, and what it does not tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from packaging.direct_url import DirectUrl, VcsInfo

from crossbuild.declarations.option import options_of
from crossbuild.errors import SourceError, UsageError
from crossbuild.host.host_request import HostRequest
from crossbuild.options.build_options import BuildOptions, IndexOptions
from crossbuild.options.environment_changes import EnvironmentChange
from crossbuild.options.passed_variables import Passed
from crossbuild.provenance.inputs import Inputs
from crossbuild.provenance.parameters import NOT_RECORDED, options_from, parameters_of
from crossbuild.provenance.pinned import build_requirements
from crossbuild.provenance.portable import portable, portable_url
from crossbuild.provenance.resource import Resource
from crossbuild.provenance.statement import Statement, statement_file
from crossbuild.provenance.tree_hash import tree_hash
from crossbuild.sysroot.names import SysrootName
from crossbuild.toolchain.model import ToolchainRequest
from crossbuild.wheelhouse.stated import statement_of, with_statement
from crossbuild.wheels.distribution import Distribution, Origin
from tests.examples import REPOSITORY
from tests.unit.statement_schemas import STATEMENT_V1
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from crossbuild.wheels.audit import WheelReport

OURS = json.loads((REPOSITORY / "src/crossbuild/provenance/statement.schema.json").read_text())
DIGEST = "ab" * 32
TAG = "manylinux_2_28_aarch64"
INPUTS = Inputs(
    source_digest={"sha256": DIGEST},
    external={"python": "3.11", "options": {"host": TAG}, "config-settings": {"setup-args": ["-Da=b"]}},
    internal={
        "host": {
            "platform-tag": TAG,
            "python": "3.11.2",
            "abi-flags": "",
            "known-by": "measuring",
            "sha256": DIGEST,
        },
        "toolchain": {"kind": "zig", "version": "zig 0.17.1"},
        "build-machine": {"platform": "linux-x86_64", "python": "3.11.7"},
        "source-date": 1580601600,
        "sysroot": {"name": "debian:bookworm:arm64", "requested": ["libyaml-dev"]},
    },
    dependencies=(
        Resource.from_file(
            "build-requirement",
            "setuptools-80.1-py3-none-any.whl",
            project="setuptools",
            version="80.1",
            url="https://me:hunter2@index.example/setuptools-80.1-py3-none-any.whl",
            hashes={"sha256": DIGEST},
        ),
        Resource.from_package("libc6", "2.36-9+deb12u10", "arm64", distribution="debian", sha256=DIGEST),
    ),
)


class _Audited:
    """Stands for the report of an audit, of which only the hash counts here."""

    sha256 = DIGEST
    waived = ()


def built(directory: Path, origin: Origin, inputs: Inputs = INPUTS) -> Distribution:
    wheel = make_wheel(directory, {}, project="thing-1.0")
    report: Any = _Audited()
    audited: WheelReport = report
    return Distribution.from_wheel(wheel, origin=origin, inputs=inputs, report=audited)


def sdist(url: str) -> Origin:
    return Origin(url=url, filename="thing-1.0.tar.gz", hashes={"sha256": DIGEST})


def check(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    for schema in (STATEMENT_V1, OURS):
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(document)
    return document


@pytest.mark.parametrize(
    "origin",
    [
        sdist("https://index.example/thing-1.0.tar.gz"),
        sdist("file:///home/me/thing-1.0.tar.gz"),
        Origin(url="file:///home/me/thing"),
        Origin(
            url="git+ssh://git@example.org/thing",
            direct=DirectUrl(
                url="ssh://git@example.org/thing", vcs_info=VcsInfo(vcs="git", commit_id="c" * 40), subdirectory="py"
            ),
        ),
        Origin(
            url="git+file:///home/me/thing",
            direct=DirectUrl(url="file:///home/me/thing", vcs_info=VcsInfo(vcs="git", commit_id="c" * 40)),
        ),
    ],
    ids=["index", "file", "directory", "repository", "own repository"],
)
def test_it_is_a_statement_of_in_toto_with_provenance_of_slsa(origin: Origin, tmp_path: Path) -> None:
    digest = {"sha256": DIGEST} if origin.filename else {"dirHash": DIGEST}
    delivered = with_statement(built(tmp_path, origin, replace(INPUTS, source_digest=digest)))
    assert delivered.statement == statement_file(delivered.wheel)
    text = statement_file(delivered.wheel).read_text()
    document = check(text)
    assert document["subject"] == [{"name": delivered.wheel.name, "digest": {"sha256": DIGEST}}]
    assert "hunter2" not in text
    assert "/home" not in text
    assert "file:" not in text


def test_a_commit_is_what_was_built_of_a_repository(tmp_path: Path) -> None:
    direct = DirectUrl(url="https://example.org/t", vcs_info=VcsInfo(vcs="git", commit_id="c" * 40))
    source = statement_of(built(tmp_path, Origin(url="git+https://example.org/t", direct=direct))).source
    assert source.uri == f"git+https://example.org/t@{'c' * 40}"
    assert source.digest == {"gitCommit": "c" * 40}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    statement = statement_of(built(tmp_path, sdist("https://index.example/thing-1.0.tar.gz")))
    file = tmp_path / "statement.json"
    file.write_text(statement.to_text())
    assert Statement.from_file(file) == statement
    assert Statement.from_file(file).to_text() == statement.to_text()
    INPUTS.keep(tmp_path)
    assert Inputs.from_directory(tmp_path) == INPUTS


def test_a_wheel_that_somebody_else_built_has_none(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {})
    assert with_statement(Distribution.from_wheel(wheel)).statement is None
    assert not statement_file(wheel).exists()


@pytest.mark.parametrize(
    "change", [{"predicateType": "https://slsa.dev/provenance/v0.2"}, {"subject": []}, {"predicate": {}}, {"_type": 1}]
)
def test_other_documents_are_refused(change: dict[str, Any], tmp_path: Path) -> None:
    text = statement_of(built(tmp_path, sdist("https://index.example/thing-1.0.tar.gz"))).to_text()
    file = tmp_path / "other.json"
    file.write_text(json.dumps({**json.loads(text), **change}))
    with pytest.raises(SourceError, match="not a statement that crossbuild wrote"):
        Statement.from_file(file)


SAID = [
    "-O2 -DNDEBUG",
    "-I/usr/include/x",
    "$ORIGIN/../lib",
    "a/b",
    "https://example.org/x/y",
    "1/2",
]
UNSAID = [
    "-I/home/me/include",
    "/root/x",
    "-O2 -L/home/me/lib",
    "PATH:/home/me/bin",
    "~/lib",
    "file:///srv/x",
    "https://me:secret@example.org/x",
]


@pytest.mark.parametrize("text", SAID)
def test_what_holds_everywhere_is_said(text: str) -> None:
    assert portable(text) == text


@pytest.mark.parametrize("text", UNSAID)
def test_what_tells_of_the_machine_is_withheld(text: str) -> None:
    assert portable(text).keys() == {"withheld"}


def test_a_path_that_is_here_is_withheld_wherever_it_is(tmp_path: Path) -> None:
    assert portable(f"-I{tmp_path}") == {"withheld": "a path of the build machine"}
    assert portable({"LICENCE_TOKEN": "x"}) == {"LICENCE_TOKEN": {"withheld": "a secret"}}


def test_addresses_have_no_logins() -> None:
    assert portable_url("https://me:hunter2@index.example/a.whl") == "https://index.example/a.whl"
    assert portable_url("https://index.example/a.whl?token=hunter2") == ""
    assert portable_url("file:///home/me/a.whl") == portable_url("git+file:///home/me/a@1") == ""
    assert portable_url("git+ssh://git@example.org/x") == "git+ssh://git@example.org/x"


def test_options_that_decide_are_written_and_read_back() -> None:
    options = BuildOptions(
        host="debian:bookworm:arm64",
        host_request=HostRequest(machine="armv6l", platform_tags=("manylinux_2_31",), config_vars={"CFLAGS": "-O1"}),
        sysroot=SysrootName.from_text("debian:bookworm:arm64"),
        toolchain=ToolchainRequest(choice="zig", cc="cc -O1"),
        environment_changes=(EnvironmentChange(name="A", operator="+=", value="b"),),
        allow_missing_extensions=True,
    )
    here = replace(options, jobs=3, cache_dir=Path("/kept"), index=IndexOptions(index_url="https://a.example"))
    said = parameters_of(here)
    assert said == parameters_of(options)
    assert said["env"] == ["A+=b"]
    assert options_from(said, BuildOptions(), where="it") == options


def test_each_option_is_recorded_or_is_not_on_purpose() -> None:
    """An option that nobody thought of is recorded: leaving it out would make a statement wrong."""
    fields = {one.field for one in options_of(BuildOptions)}
    assert fields >= NOT_RECORDED
    assert fields - NOT_RECORDED >= {"host", "sysroot", "choice", "cc", "environment_changes", "config_vars"}


def test_a_host_that_is_a_file_has_to_be_given(tmp_path: Path) -> None:
    board, other = tmp_path / "board.json", tmp_path / "other.json"
    board.write_text("{}")
    other.write_text("{ }")
    said = parameters_of(BuildOptions(host=str(board)))
    assert str(tmp_path) not in json.dumps(said)
    with pytest.raises(UsageError) as caught:
        options_from(said, BuildOptions(), where="it")
    assert f"--host was a file of the build machine with the SHA-256 {said['host']['sha256']}" in caught.value.why
    with pytest.raises(UsageError, match="is not the file that the wheel was built with"):
        options_from(said, BuildOptions(host=str(other)), where="it")
    assert options_from(said, BuildOptions(host=str(board)), where="it").host == str(board)


def test_variables_of_the_user_are_no_wishes() -> None:
    environ = {"CFLAGS": "-O1", "LANG": "tr_TR.UTF-8", "TZ": "UTC", "PATH": "/home/me/bin", "HOME": "/home/me"}
    assert Passed.from_environ({**environ, "MINE": "x"}, ("MINE",)).wishes == {"CFLAGS": "-O1", "MINE": "x"}


def test_a_directory_has_the_hash_that_in_toto_says(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("b")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/c").write_text("c")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/index").write_text("changes with every command")
    (tmp_path / "link").symlink_to("b")
    # Of the command in digest_set.md: find . -type f | cut -c3- | LC_ALL=C sort | xargs -r sha256sum | sha256sum
    assert tree_hash(tmp_path) == "bb8a6a720eb30a8b9510df3710413ebc8b07ffcf04c4973d40e3d639e5f2af86"


def test_the_file_that_was_installed_is_told_by_its_tags(tmp_path: Path) -> None:
    url = "https://index.example"
    (tmp_path / "pylock.build.toml").write_text(
        f"""
        lock-version = "1.0"
        [[packages]]
        name = "cython"
        version = "3.0"
        sdist = {{ url = "{url}/cython-3.0.tar.gz", hashes = {{ sha256 = "{"0" * 64}" }} }}
        wheels = [
          {{ url = "{url}/Cython-3.0-cp311-cp311-linux_x86_64.whl", hashes = {{ sha256 = "{"1" * 64}" }} }},
          {{ url = "{url}/Cython-3.0-py2.py3-none-any.whl", hashes = {{ sha256 = "{"2" * 64}" }} }},
        ]
        [[packages]]
        name = "needed"
        version = "1.0"
        sdist = {{ url = "{url}/needed-1.0.tar.gz", hashes = {{ sha256 = "{"3" * 64}" }} }}
        [[packages]]
        name = "local"
        version = "1.0"
        archive = {{ path = "/home/me/local-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"4" * 64}" }} }}
        """
    )
    site = tmp_path / "site-packages"
    (site / "Cython-3.0.dist-info").mkdir(parents=True)
    (site / "Cython-3.0.dist-info/WHEEL").write_text("Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n")
    cython, local, needed = build_requirements(tmp_path / "pylock.build.toml", site)
    assert (cython.name, cython.sha256) == ("Cython-3.0-py2.py3-none-any.whl", "2" * 64)
    assert (needed.name, needed.uri, needed.sha256) == ("needed-1.0.tar.gz", f"{url}/needed-1.0.tar.gz", "3" * 64)
    assert (local.name, local.uri, local.sha256) == ("local-1.0-py3-none-any.whl", "", "4" * 64)
