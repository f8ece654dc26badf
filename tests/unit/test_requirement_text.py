"""Requirements that others wrote."""

from __future__ import annotations

import pytest
from packaging.requirements import InvalidRequirement

from crossbuild.system.requirement_text import read_requirement, shortened, shown


@pytest.mark.parametrize(
    "text",
    [
        "numpy",
        "a[x,y] >= 1, != 1.5.*, ~= 1.2 ; python_version < '3.13' and extra == 'x'",
        "a\t==1",
        "a===anything",
        "a @ https://x.example/a-1.tar.gz#sha256=12",
        "a ; " + "(" * 20 + "sys_platform == 'linux'" + ")" * 20,
    ],
)
def test_requirements(text: str) -> None:
    assert read_requirement(text).name in {"numpy", "a"}


@pytest.mark.parametrize(
    "text",
    [
        *("-r /etc/passwd", "--pre", " --pre", "-", "-e .", "--index-url=http://x.example", "", " ", "./a", "~"),
        *("a\0b", "a @ https://x.example/\0", "a @ https://x.example/\n-r", "a\n", "a\x1b[31m", "a\ud800"),
        *("a==" + "9" * 5000, "a>=" + "9" * 5000, "a ; python_version < '" + "9" * 5000 + "'"),
        "a ; " + "(" * 2000 + "os_name == 'x'" + ")" * 2000,
        "a ; os_name ~= 'posix'",
        "a" * 20_000,
        *(1, None, b"a", ["a"], {"a": 1}),
    ],
)
def test_what_is_no_requirement(text: object) -> None:
    with pytest.raises(InvalidRequirement) as caught:
        read_requirement(text)
    assert 0 < len(str(caught.value)) < 1200


def test_what_is_shown_fits_on_a_line() -> None:
    assert shown("a\n") == "'a\\n'"
    assert len(shown("a" * 5000)) < 250
    assert max(map(len, shortened("a" * 5000 + "\nb" * 99).splitlines())) < 250
