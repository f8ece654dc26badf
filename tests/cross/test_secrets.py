"""A password of an index is in no file, no message, no environment and on no command line of a build."""

from __future__ import annotations

import io
import re
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from tests.canary import PASSWORD, QUOTED, USER, files_with_it, is_in, private_index
from tests.commands import PROJECTS
from tests.cross.ways import SYNTHESISED
from tests.unit.index_server import serve

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.canary import PrivateIndex
    from tests.commands import Crossbuild
    from tests.unit.index_server import Server

pytestmark = pytest.mark.cross

KEPT = ("sdists", "wheels", "metadata", "host-wheels", "wheel-metadata", "locks")
"""What the cache keeps of what comes from indexes."""


def sdist(name: str, version: str = "1.0") -> bytes:
    """Return an sdist of the snooping project under another name."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for file in ("pyproject.toml", "backend.py"):
            text = (PROJECTS / "snooping" / file).read_text().replace('"snooping"', f'"{name}"')
            content = text.replace('"1.0"', f'"{version}"').encode()
            member = tarfile.TarInfo(f"{name}-{version}/{file}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


@pytest.fixture
def private() -> Iterator[PrivateIndex]:
    with private_index() as running:
        running.server.add("needed-1.0.tar.gz", project="needed", content=sdist("needed"))
        running.server.add("fetched-1.0.tar.gz", project="fetched", content=sdist("fetched"))
        yield running


@pytest.fixture
def public() -> Iterator[Server]:
    with serve() as running:
        running.add("fetched-99.0.tar.gz", project="fetched", content=sdist("fetched", "99.0"))
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The snooping project, which requires what only the private index has."""
    project = tmp_path / "snooping"
    project.mkdir()
    text = (PROJECTS / "snooping/pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace("requires = []", 'requires = ["needed"]'))
    (project / "backend.py").write_text((PROJECTS / "snooping/backend.py").read_text())
    return project


@pytest.fixture
def environ(private: PrivateIndex, public: Server, tmp_path: Path) -> dict[str, str]:
    """Variables that name the private index before the public one, and have the password in them."""
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    return {
        "UV_INDEX": f"ours={private.bare}",
        "UV_INDEX_OURS_USERNAME": USER,
        "UV_INDEX_OURS_PASSWORD": PASSWORD,
        "UV_DEFAULT_INDEX": public.index,
        "PIP_INDEX_URL": private.url,
        "PIP_EXTRA_INDEX_URL": private.url,
        "UV_CACHE_DIR": str(tmp_path / "uv"),
        "TWINE_PASSWORD": PASSWORD,
        "HTTPS_PROXY": f"http://me:{QUOTED}@127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
    }


@pytest.fixture
def build(
    crossbuild: Crossbuild, project: Path, environ: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that builds the project."""

    def build(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        words: tuple[str | Path, ...] = (command, project, "-vv", "-w", tmp_path / "wheels", "--keep", *options)
        return crossbuild(*words, host=SYNTHESISED, environ=environ, compilers=Path(find_uv_bin()).parent)

    return build


def test_a_cross_environment_does_not_keep_it(
    crossbuild: Crossbuild, project: Path, environ: dict[str, str], private: PrivateIndex, tmp_path: Path
) -> None:
    index = ("--extra-index-url", private.url)
    done = crossbuild("env", tmp_path / "inside", "--for", project, *index, "-vv", host=SYNTHESISED, environ=environ)
    assert done.returncode == 0, done.stderr
    assert not is_in((done.stdout + done.stderr).encode())
    assert files_with_it(tmp_path) == []


@pytest.mark.parametrize(
    "options", [("wheel", "--no-deps"), ("sdist-to-wheel",), ("wheel", "-C", "fail=TWINE_PASSWORD")], ids=" ".join
)
def test_nothing_sees_it(
    options: tuple[str, ...],
    build: Callable[..., subprocess.CompletedProcess[str]],
    crossbuild: Crossbuild,
    tmp_path: Path,
) -> None:
    started = time.time()
    done = build(*options)
    assert done.returncode == (7 if "-C" in options else 0), done.stderr
    reports = {path.stem for path in (tmp_path / "home/report").glob("snooping-*")}
    assert {"snooping-1.0-get_requires_for_build_wheel", "snooping-1.0-build_wheel"} <= reports
    assert ("snooping-1.0-build_sdist" in reports) == (options[0] == "sdist-to-wheel")
    assert "uv" in (tmp_path / "home/report/needed-1.0-build_wheel.txt").read_text(), "uv built it"
    assert list((tmp_path / "temporary").glob("crossbuild-*/log.txt")), "the build directory is kept"
    assert not is_in((done.stdout + done.stderr).encode()), done.stderr
    assert files_with_it(tmp_path, *(crossbuild.cache_dir / kind for kind in KEPT), since=started - 1) == []
    assert re.search("Not passed to builds .*TWINE_PASSWORD", done.stderr)
    if "-C" in options:
        assert "CROSSBUILD_PASS_ENV=TWINE_PASSWORD" in done.stderr


@pytest.mark.parametrize("hook", ["wheel", "sdist"])
def test_a_hook_that_fetches_gets_no_index_with_a_password_and_none_after_it(
    hook: str, build: Callable[..., subprocess.CompletedProcess[str]], private: PrivateIndex, public: Server
) -> None:
    done = build("sdist-to-wheel" if hook == "sdist" else "wheel", "-C", f"in-{hook}=yes")
    assert done.returncode == 7, done.stderr
    assert f"builds get no index that needs a password ({private.bare.replace('://', '://****@')}" in done.stderr
    assert "build-system.requires" in done.stderr
    assert "this was fetched: []" in done.stderr, done.stderr
    assert not [path for path in (*private.server.asked, *public.asked) if "fetched" in path]
    assert not is_in((done.stdout + done.stderr).encode())


@pytest.mark.parametrize("hook", ["wheel", pytest.param("sdist", marks=pytest.mark.matrix)])
def test_a_hook_that_fetches_gets_it_from_the_first_index_that_knows_the_project(
    hook: str,
    build: Callable[..., subprocess.CompletedProcess[str]],
    private: PrivateIndex,
    public: Server,
    environ: dict[str, str],
) -> None:
    """pip alone would take the highest version of all indexes. The default index, the last, has pip itself."""
    private.server.login = ""
    for name in ("UV_DEFAULT_INDEX", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "HTTPS_PROXY", "NO_PROXY"):
        environ.pop(name)
    environ["UV_INDEX"] = f"{private.bare} {public.index}"
    done = build("sdist-to-wheel" if hook == "sdist" else "wheel", "-C", f"in-{hook}=yes")
    assert done.returncode == 7, done.stderr
    assert re.search(r"this was fetched: \['fetched-1.0.tar.gz'", done.stderr), done.stderr
    assert "fetched-99.0" not in done.stderr
    assert public.downloads() == []
