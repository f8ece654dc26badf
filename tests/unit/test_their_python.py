"""For which Python wheels are checked, repaired and tested, if the host is a platform tag."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.__main__ import main
from crossbuild.options.build_options import BuildOptions
from crossbuild.wheels.their_python import by_python
from tests.unit.wheel_samples import make_host, make_wheel

if TYPE_CHECKING:
    from typing import Any

TAG = "manylinux_2_28_aarch64"


def pythons(*tags: str, host: str = TAG, python: tuple[int, int] | None = None) -> list[tuple[Any, str | None, int]]:
    """Return the version, the ABI flags and the number of wheels of each group of wheels with these ``tags``."""
    wheels = [Path(f"it-1.0-{tag}-{TAG}.whl") for tag in tags]
    groups = by_python(wheels, BuildOptions(host=host, python=python))
    return [(options.python, options.host_request.abi_flags, len(group)) for options, group in groups]


def test_each_wheel_has_its_own_python() -> None:
    found = pythons("cp311-cp311", "cp313-cp313t", "cp311-cp311", "cp314-cp314")
    assert found == [((3, 11), "", 2), ((3, 13), "t", 1), ((3, 14), "", 1)]


@pytest.mark.parametrize("tag", ["cp39-abi3", "py3-none", "cp311.cp312-cp311.cp312", "cp315-abi3.abi3t"])
def test_wheels_for_several_pythons_leave_it_open(tag: str) -> None:
    assert pythons(tag) == [(None, None, 1)]


def test_a_name_that_no_wheel_has_leaves_it_open() -> None:
    assert by_python([Path("it.whl")], BuildOptions(host=TAG)) == [(BuildOptions(host=TAG), [Path("it.whl")])]


@pytest.mark.parametrize(
    ("host", "python"), [("/opt/arm/python3", None), ("debian:bookworm:arm64", None), ("", None), (TAG, (3, 12))]
)
def test_who_says_which_python_it_is_means_it(host: str, python: tuple[int, int] | None) -> None:
    assert pythons("cp311-cp311", "cp313-cp313", host=host, python=python) == [(python, None, 2)]


def test_wheels_for_several_pythons_are_checked_by_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(options: BuildOptions, **_: Any) -> object:
        assert options.python
        return make_host(TAG, python=options.python)

    monkeypatch.setattr("crossbuild.frontend.load_host", load)
    wheels = [str(make_wheel(tmp_path, {}, tag=f"cp3{minor}-cp3{minor}-{TAG}")) for minor in (11, 13)]
    assert main(["check", *wheels, "--host", TAG, "-q"]) == 0
    assert main(["check", *wheels, "--host", TAG, "--python", "3.11", "-q"]) == 8
