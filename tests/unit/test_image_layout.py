"""Where a host's own installers would place the files of a wheel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import InstallError
from crossbuild.image.wheel_layout import Layout
from tests.unit.image_samples import HOST
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host

REAL = make_host(libc="glibc 2.36")


def recorded(**variables: str) -> Host:
    return replace(REAL, build_time_vars={**REAL.build_time_vars, "LIBDIR": "/usr/lib", **variables})


def places(layout: Layout) -> list[str]:
    found = (layout.purelib, layout.platlib, layout.scripts, layout.headers, layout.data)
    return [*map(str, found), layout.interpreter]


def test_a_python_of_its_own_prefix(tmp_path: Path) -> None:
    host = recorded(prefix="/opt/python", BINDIR="/opt/python/bin", PLATLIBDIR="lib64")
    assert places(Layout.from_host(host, tmp_path)) == [
        "/opt/python/lib/python3.11/site-packages",
        "/opt/python/lib64/python3.11/site-packages",
        "/opt/python/bin",
        "/opt/python/include/python3.11",
        "/opt/python",
        "/opt/python/bin/python3.11",
    ]


def test_no_python_at_all(tmp_path: Path) -> None:
    layout = Layout.from_host(HOST, tmp_path)
    assert (layout.scheme, str(layout.purelib)) == ("posix_prefix", "/usr/lib/python3.11/site-packages")


def test_free_threaded(tmp_path: Path) -> None:
    host = replace(HOST, abi_flags="t")
    assert str(Layout.from_host(host, tmp_path).platlib) == "/usr/lib/python3.11t/site-packages"


@pytest.mark.parametrize(
    ("prefix", "scheme", "expected"),
    [
        (None, "posix_local", "/usr/local/lib/python3.11/dist-packages /usr/local/bin /usr/local"),
        ("/usr/local", "posix_local", "/usr/local/lib/python3.11/dist-packages /usr/local/bin /usr/local"),
        ("/usr", "deb_system", "/usr/lib/python3/dist-packages /usr/bin /usr"),
        ("usr/", "deb_system", "/usr/lib/python3/dist-packages /usr/bin /usr"),
        ("/opt/app", "posix_prefix", "/opt/app/lib/python3.11/site-packages /opt/app/bin /opt/app"),
    ],
)
def test_debian(tmp_path: Path, prefix: str | None, scheme: str, expected: str) -> None:
    layout = Layout.from_host(REAL, tmp_path, prefix=PurePosixPath(prefix) if prefix else None)
    assert layout.scheme == scheme
    assert f"{layout.platlib} {layout.scripts} {layout.data}" == expected
    assert layout.interpreter == "/usr/bin/python3.11"


@pytest.mark.parametrize("where", ["sysconfig.py", "sysconfig/__init__.py"])
@pytest.mark.parametrize(
    ("text", "scheme"), [("'deb_system': {", "posix_local"), ("'posix_prefix': {", "posix_prefix")]
)
def test_the_root_tells_whether_it_is_debian(tmp_path: Path, where: str, text: str, scheme: str) -> None:
    file = tmp_path / "usr/lib/python3.11" / where
    file.parent.mkdir(parents=True)
    file.write_text(text)
    for host in (REAL, recorded(), HOST):
        assert Layout.from_host(host, tmp_path).scheme == scheme
        assert Layout.from_host(replace(host, sysroot=tmp_path), tmp_path / "empty").scheme == scheme


def test_a_venv(tmp_path: Path) -> None:
    layout = Layout.from_host(REAL, tmp_path, scheme="venv", prefix=PurePosixPath("/srv/app"))
    assert places(layout) == [
        "/srv/app/lib/python3.11/site-packages",
        "/srv/app/lib/python3.11/site-packages",
        "/srv/app/bin",
        "/srv/app/include/site/python3.11",
        "/srv/app",
        "/srv/app/bin/python",
    ]


def test_a_target(tmp_path: Path) -> None:
    layout = Layout.from_target(REAL, tmp_path)
    assert layout.root == tmp_path
    assert places(layout) == ["/", "/", "/bin", "/include", "/", "/usr/bin/python3.11"]


def test_the_interpreter_that_was_asked_for(tmp_path: Path) -> None:
    assert Layout.from_host(REAL, tmp_path, interpreter="/usr/bin/python3").interpreter == "/usr/bin/python3"


@pytest.mark.parametrize(("scheme", "text"), [("nt", "There is no scheme 'nt'"), ("venv", "needs a prefix")])
def test_what_cannot_be_meant(tmp_path: Path, scheme: str, text: str) -> None:
    with pytest.raises(InstallError, match=text):
        Layout.from_host(REAL, tmp_path, scheme=scheme)
