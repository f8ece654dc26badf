"""What people reported of their sources: repositories, links, requirements files, and places with odd names."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone, cases
from tests.commands import PROJECTS, BuiltWheels, copy_project
from tests.cross.ways import SYNTHESISED
from tests.host.building import assert_on_host
from tests.reports import WAYS
from tests.testbed.hosts import run_on_host
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.host.building import Builder
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.host

REPORTS = PROJECTS / "reports"
NOT_PREPARED = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "protocol.file.allow=always")


def git(directory: Path, *words: str | Path) -> None:
    subprocess.run(["git", *NOT_PREPARED, *words], cwd=directory, check=True, capture_output=True)


def tagged(name: str, directory: Path, tag: str) -> Path:
    """Make a repository of the project ``name`` with a tag."""
    copy_project(f"reports/{name}", directory)
    git(directory, "tag", tag)
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    """Return what is in ``directory``; of a repository, without what git keeps for itself."""
    files = (path for path in directory.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


# -- What is beside a project ------------------------------------------------------------------------------------------

MONOREPO = "from mono import _core; assert _core.answer() == 42"
MONORUST = "import monorust; assert monorust.word == 42"


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-gnu"]))
def test_a_project_is_built_with_what_is_beside_it_in_its_repository(builder: Builder, tmp_path: Path) -> None:
    repository = tagged("monorepo", tmp_path / "monorepo", "v4.5.7")
    before = contents(repository)
    wheel = builder.wheel(repository / "bindings/python", into=tmp_path)
    assert wheel.name.startswith("mono-4.5.7-")
    assert_on_host(builder.host, MONOREPO, wheel, tmp_path / "site")
    assert contents(repository) == before


@pytest.mark.parametrize("way", alone(WAYS, quick=["armhf-gnu"]))
def test_a_subdirectory_of_a_repository_is_built_with_what_is_beside_it(builder: Builder, tmp_path: Path) -> None:
    repository = tagged("monorepo", tmp_path / "monorepo", "v4.5.7")
    spec = f"mono @ git+file://{repository}#subdirectory=bindings/python"
    wheel = builder.wheel(spec, into=tmp_path)
    assert wheel.name.startswith("mono-4.5.7-")
    assert_on_host(builder.host, MONOREPO, wheel, tmp_path / "site")


@pytest.mark.matrix
@pytest.mark.parametrize("how", ["directory", "repository"])
@pytest.mark.parametrize("way", WAYS)
def test_a_crate_is_built_with_the_crate_beside_it(how: str, builder: Builder, rust: Rust, tmp_path: Path) -> None:
    repository = tagged("monorepo", tmp_path / "monorepo", "v4.5.7")
    place = {
        "directory": str(repository / "bindings/rust"),
        "repository": f"monorust @ git+file://{repository}#subdirectory=bindings/rust",
    }
    wheel = builder.with_rust(rust).wheel(place[how], into=tmp_path)
    assert_on_host(builder.host, MONORUST, wheel, tmp_path / "site")


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_a_member_of_a_cargo_workspace_inherits_from_its_root(builder: Builder, rust: Rust, tmp_path: Path) -> None:
    workspace = copy_project("reports/cargo-workspace", tmp_path / "workspace")
    wheel = builder.with_rust(rust).wheel(workspace / "crates/module", into=tmp_path)
    assert wheel.name.startswith("workspaced-5.6.7-")
    assert_on_host(builder.host, "import workspaced; assert workspaced.word == 42", wheel, tmp_path / "site")


@pytest.mark.matrix
@pytest.mark.parametrize("way", ["arm64-gnu"])
def test_builds_of_one_directory_may_run_at_once(builder: Builder, tmp_path: Path) -> None:
    repository = tagged("monorepo", tmp_path / "monorepo", "v4.5.7")
    before = contents(repository)

    def build(into: Path) -> bytes:
        return builder.wheel(repository / "bindings/python", into=into).read_bytes()

    with ThreadPoolExecutor() as pool:
        first, *others = pool.map(build, [tmp_path / name for name in ("one", "two", "three")])
    assert set(others) == {first}
    assert contents(repository) == before


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-gnu"]))
def test_links_lead_out_of_a_project_without_a_repository(builder: Builder, tmp_path: Path) -> None:
    shutil.copytree(REPORTS / "linked-sources", tmp_path / "sources")
    (tmp_path / "sources/project/shared").symlink_to("../shared")
    wheel = builder.wheel(tmp_path / "sources/project", into=tmp_path)
    assert_on_host(builder.host, "import linkedup; assert linkedup.answer == 42", wheel, tmp_path / "site")


@pytest.mark.parametrize("repository", [True, False], ids=["repository", "plain"])
def test_files_beside_a_project_are_there_whoever_tracks_them(
    *, repository: bool, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    everything = shutil.copytree(REPORTS / "files-beside", tmp_path / "everything")
    if repository:
        git(everything, "init", "--quiet")
        git(everything, "add", "python", "README.md")
        git(everything, "commit", "--quiet", "--message=All but the data")
    done = crossbuild("wheel", everything / "python", "-w", tmp_path, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "besides-1.0-py3-none-any.whl") as archive:
        assert archive.read("besides/table.json") == b'{"answer": 42}\n'
        assert b"The readme of everything." in archive.read("besides-1.0.dist-info/METADATA")


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_a_header_is_there_although_version_control_ignores_it(builder: Builder, tmp_path: Path) -> None:
    project = copy_project("reports/ignored-header", tmp_path / "project")
    (project / ".gitignore").write_text("generated.h\n")
    (project / "generated.h").write_text("#define ANSWER 42\n")
    wheel = builder.wheel(project, into=tmp_path)
    assert_on_host(builder.host, "import ignoring; assert ignoring.answer == 42", wheel, tmp_path / "site")


# -- Repositories that are not a directory .git ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["clone", "worktree", "submodule"])
def test_the_version_of_a_repository_is_found(kind: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    repository = tagged("tagged", tmp_path / "repository", "v1.2.3")
    project = {"clone": tmp_path / "clone", "worktree": tmp_path / "tree", "submodule": tmp_path / "whole/part"}[kind]
    if kind == "clone":
        git(tmp_path, "clone", "--quiet", repository, project)
    elif kind == "worktree":
        git(repository, "worktree", "add", "--quiet", project, "v1.2.3")
    else:
        git(tmp_path, "init", "--quiet", project.parent)
        git(project.parent, "submodule", "--quiet", "add", repository, "part")
        git(project.parent, "commit", "--quiet", "--message=A part")
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "wheels").iterdir()] == ["tagged-1.2.3-py3-none-any.whl"]


@pytest.mark.parametrize("way", alone(WAYS, quick=["armhf-gnu"]))
def test_a_missing_submodule_is_named(builder: Builder, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    (tiny / "tiny.c").write_text("int tiny_answer(void) { return 42; }\n")
    (tiny / "tiny.h").write_text("int tiny_answer(void);\n")
    git(tiny, "init", "--quiet")
    git(tiny, "add", "--all")
    git(tiny, "commit", "--quiet", "--message=Tiny")
    whole = copy_project("reports/vendored-sources", tmp_path / "whole")
    git(whole, "submodule", "--quiet", "add", tiny, "third_party/tiny")
    git(whole, "commit", "--quiet", "--message=With tiny")
    git(tmp_path, "clone", "--quiet", whole, "clone")
    done = builder(tmp_path / "clone", "--no-deps", into=tmp_path / "wheels")
    assert done.returncode != 0
    assert "third_party/tiny" in done.stderr
    assert "git submodule update --init" in done.stderr
    git(tmp_path / "clone", "submodule", "--quiet", "update", "--init")
    wheel = builder.wheel(tmp_path / "clone", into=tmp_path / "wheels")
    assert_on_host(builder.host, "import vendoring; assert vendoring.answer == 42", wheel, tmp_path / "site")


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_a_header_that_git_lfs_has_not_fetched_is_named(builder: Builder, tmp_path: Path) -> None:
    project = copy_project("reports/ignored-header", tmp_path / "project")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 19\n"
    (project / "generated.h").write_text(pointer)
    (project / ".gitattributes").write_text("generated.h filter=lfs diff=lfs merge=lfs -text\n")
    done = builder(project, "--no-deps", into=tmp_path / "wheels")
    assert done.returncode == 7, done.stderr
    assert "generated.h" in done.stderr
    assert "git lfs pull" in done.stderr


# -- Requirements ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "part"),
    cases([("arm64-gnu", "part_a"), ("armhf-gnu", "part_v7")], quick=[("arm64-gnu", "part_a")]),
)
def test_one_requirements_file_serves_several_machines(part: str, builder: Builder, tmp_path: Path) -> None:
    project = shutil.copytree(REPORTS / "requirements-with-paths", tmp_path / "project")
    done = builder("-r", project / "requirements.txt", into=tmp_path / "wheels")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "wheels").iterdir()] == [f"{part}-1.0-py3-none-any.whl"]


@pytest.mark.parametrize("way", alone(WAYS, quick=["armhf-gnu"]))
def test_markers_and_extras_are_those_of_the_host(builder: Builder, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    for end in ("arm64", "intel", "armv7", "bookworm", "gpio"):
        make_wheel(links, {f"markapp_{end}.py": b""}, tag="py3-none-any", project=f"markapp_{end}-1.0")
    project = shutil.copytree(REPORTS / "markers", tmp_path / "project")
    done = builder(f"{project}[gpio]", "--find-links", links, into=tmp_path / "wheels")
    assert done.returncode == 0, done.stderr
    told = run_on_host(builder.host, "import sys; print(sys.version_info < (3, 11, 5))").stdout
    own = {"aarch64": "arm64", "armv7l": "armv7"}[builder.host.architecture]
    wanted = {"markapp", f"markapp_{own}", "markapp_gpio", *(["markapp_bookworm"] if told == "True\n" else [])}
    assert {path.name.partition("-")[0] for path in (tmp_path / "wheels").iterdir()} == wanted


# -- Sdists and places -------------------------------------------------------------------------------------------------

LINKED = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: linked\nVersion: 1.0\n",
    "setup.py": "from setuptools import Extension, setup\n"
    "setup(name='linked', version='1.0', py_modules=[],\n"
    "      ext_modules=[Extension('linked', ['linked.c'], include_dirs=['include'])])\n",
    "src/api.h": "#define ANSWER 42\n",
    "linked.c": "#include <Python.h>\n#include <api.h>\n"
    'static struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "linked", NULL, -1, NULL};\n'
    "PyMODINIT_FUNC PyInit_linked(void)\n{\n    PyObject *m = PyModule_Create(&d);\n"
    '    PyModule_AddIntConstant(m, "answer", ANSWER);\n    return m;\n}\n',
}


def sdist_with_links(directory: Path, links: dict[str, str]) -> Path:
    file = directory / "linked-1.0.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        for name, text in LINKED.items():
            member = tarfile.TarInfo(f"linked-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        for name, goal in links.items():
            member = tarfile.TarInfo(f"linked-1.0/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, goal
            archive.addfile(member)
    return file


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-zig"]))
def test_a_link_within_an_sdist_is_followed(builder: Builder, tmp_path: Path) -> None:
    sdist = sdist_with_links(tmp_path, {"include/api.h": "../src/api.h"})
    wheel = builder.wheel(sdist, into=tmp_path)
    assert_on_host(builder.host, "import linked; assert linked.answer == 42", wheel, tmp_path / "site")


@pytest.mark.parametrize(("name", "goal"), [("docs/changes.rst", "../../Changelog"), ("docs/conf", "/etc/hostname")])
def test_a_link_out_of_an_sdist_is_refused_by_name(
    name: str, goal: str, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    sdist = sdist_with_links(tmp_path, {"include/api.h": "../src/api.h", name: goal})
    done = crossbuild("wheel", sdist, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 6, done.stderr
    assert name in done.stderr


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-zig"]))
def test_names_may_have_blanks_and_accents_everywhere(builder: Builder, tmp_path: Path) -> None:
    project = shutil.copytree(REPORTS / "odd-places", tmp_path / "my päck age")
    (project / "src/include").rename(project / "src/inc é")
    (project / "src/one.c").rename(project / "src/c one.c")
    (project / "src").rename(project / "src dir")
    temporary = tmp_path / "tmp für alles"
    temporary.mkdir()
    done = builder(project, "--no-deps", into=tmp_path / "whëels", environ={"TMPDIR": os.fspath(temporary)})
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "whëels").glob("*.whl")
    site = BuiltWheels.unpacked(wheel, tmp_path / "site")
    check = "from oddplace import _c; assert _c.ODD == 7; assert not _c.file.startswith('/tmp'), _c.file"
    done = run_on_host(builder.host, check, site)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in site.rglob("oddplace-1.0.dist-info/licenses/**/*")}
    assert {"MIT.txt", "NOTICE"} <= names
