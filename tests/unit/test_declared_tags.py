"""``--platform-tag``: which wheels of an index a host takes, when its user says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from crossbuild.errors import HostError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from crossbuild.host.model import Host
from crossbuild.index.files import choose_wheel
from crossbuild.index.index import Index
from crossbuild.options.build_options import IndexOptions
from crossbuild.system.cache import Cache
from crossbuild.wheels.tags import installable_tags
from tests.unit.host_samples import SamplePython

if TYPE_CHECKING:
    from pathlib import Path

PLATFORMS = (
    *("linux_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64"),
    *("musllinux_1_2_aarch64", "manylinux_2_28_x86_64"),
)


def declared(tmp_path: Path, *tags: str) -> Host:
    sample = SamplePython(root=tmp_path / "root").install()
    host = describe_host(str(sample.executable), request=HostRequest(platform_tags=tags))
    assert isinstance(host, Host)
    return host


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        (("manylinux_2_28",), "manylinux_2_28_aarch64"),
        (("manylinux_2_28_aarch64",), "manylinux_2_28_aarch64"),
        (("manylinux_2_17",), "manylinux2014_aarch64"),
        (("manylinux2014",), "manylinux2014_aarch64"),
        (("manylinux_2_34", "manylinux_2_28"), "manylinux_2_34_aarch64"),
        (("linux",), "linux_aarch64"),
        (("manylinux_2_31",), None),
    ],
)
def test_the_wheel_of_a_declared_tag_is_taken(tags: tuple[str, ...], wanted: str | None, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    for platform in PLATFORMS:
        (tmp_path / f"wheels/thing-1.0-cp311-cp311-{platform}.whl").touch()
    options = IndexOptions(find_links=(str(tmp_path / "wheels"),), offline=True)
    index = Index.from_options(options, environ={"PIP_NO_INDEX": "1"}, cache=Cache(root=tmp_path / "cache"))
    tags_of_host = installable_tags(declared(tmp_path, *tags))
    found = choose_wheel(index.list_all("thing"), Version("1.0"), tags_of_host)
    assert (found.filename if found else None) == (f"thing-1.0-cp311-cp311-{wanted}.whl" if wanted else None)


def test_only_declared_tags_and_their_older_names_count(tmp_path: Path) -> None:
    host = declared(tmp_path, "manylinux_2_17", "manylinux_2_28", "manylinux2014_aarch64")
    assert host.installable_tags == ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux_2_28_aarch64")


@pytest.mark.parametrize(
    ("tag", "fact"),
    [
        ("manylinux_2_28_x86_64", "--platform-tag manylinux_2_28"),
        ("manylinux_2_28_armv9", "'armv9'"),
        ("musllinux_1_2", "do not run on .*, which has glibc"),
        ("manylinux_2_99999999", "no such version of glibc"),
        ("manylinux", "is not a platform tag"),
        ("", "is not a platform tag"),
    ],
)
def test_tags_that_cannot_be_meant(tag: str, fact: str, tmp_path: Path) -> None:
    with pytest.raises(HostError, match=fact):
        declared(tmp_path, tag)
