"""Tags that do not fit the content, one another or the host."""

from __future__ import annotations

from functools import partial

from tests.unit.wheel_samples import make_archive, make_elf, make_wheel
from tests.wrong_wheels.changes import ANY, EXTENSION, INIT, MODULE
from tests.wrong_wheels.kinds import WrongWheel

_GOOD = make_elf(defines=INIT)
_STATED = {
    "of another machine": ["cp311-cp311-linux_x86_64"],
    "of another Python": ["cp310-cp310-linux_aarch64"],
    "of another ABI": ["cp311-abi3-linux_aarch64"],
    "of more machines": ["cp311-cp311-linux_aarch64", "cp311-cp311-linux_x86_64"],
    "of any machine": [ANY],
    "that are none": ["cp311"],
    "that are empty": [""],
}
_PYTHONS = {
    "an older Python": "cp310-cp310",
    "a newer Python": "cp312-cp312",
    "a stable ABI that is too new": "cp312-abi3",
    "a Python without the global lock": "cp311-cp311t",
    "a debug build": "cp311-cp311d",
    "PyPy": "pp311-pypy311_pp73",
    "Python 2": "py2-none",
    "a Python to come": "py4-none",
}
_PLATFORMS = {
    "x86_64": "linux_x86_64",
    "32-bit Arm": "manylinux_2_17_armv7l",
    "Windows": "win_arm64",
    "macOS": "macosx_11_0_arm64",
    "Android": "android_24_arm64_v8a",
    "another machine beside the host's": "linux_aarch64.linux_x86_64",
}
_NAMES = {
    "another Python's": "probe/_fast.cpython-312-aarch64-linux-gnu.so",
    "another machine's": "probe/_fast.cpython-311-x86_64-linux-gnu.so",
    "another C library's": "probe/_fast.cpython-311-aarch64-linux-musl.so",
    "a debug build's": "probe/_fast.cpython-311d-aarch64-linux-gnu.so",
    "PyPy's": "probe/_fast.pypy311-pp73-aarch64-linux-gnu.so",
    "a stable ABI's that there is not": "probe/_fast.abi4.so",
}


def _platform(tag: str) -> str:
    return f"cp311-cp311-{tag}"


KINDS = (
    *(
        WrongWheel(
            name=f"tags in WHEEL {which}",
            make=partial(make_wheel, files={EXTENSION: _GOOD}, stated=stated),
            finding="tags-mismatch",
            says=f"WHEEL file ({', '.join(tag for tag in stated if tag.count('-') == 2) or 'none'})",
        )
        for which, stated in _STATED.items()
    ),
    WrongWheel(
        name="no tags in WHEEL",
        make=partial(make_wheel, files={EXTENSION: _GOOD}, stated=[]),
        finding="tags-mismatch",
        says="WHEEL file (none)",
    ),
    *(
        WrongWheel(
            name=f"tags of {which}",
            make=partial(make_wheel, files=MODULE, tag=f"{tag}-any", pure=True),
            finding="wrong-python-tag",
            says=f"its Python tags ({tag})",
        )
        for which, tag in _PYTHONS.items()
    ),
    *(
        WrongWheel(
            name=f"a tag of {which}",
            make=partial(make_wheel, files={EXTENSION: _GOOD}, tag=_platform(tag)),
            finding="wrong-platform-tag",
        )
        for which, tag in _PLATFORMS.items()
    ),
    *(
        WrongWheel(
            name=f"a tag of {which}",
            make=partial(make_wheel, files={EXTENSION: _GOOD}, tag=_platform(tag)),
            finding="not-installable",
        )
        for which, tag in (("a newer glibc", "manylinux_2_39_aarch64"), ("musl", "musllinux_1_2_aarch64"))
    ),
    *(
        WrongWheel(
            name=f"any machine for {what}",
            make=partial(make_wheel, files=files, tag=ANY),
            finding="universal-tag",
            built="corrected-tag",
        )
        for what, files in {
            "an extension": {"probe/_fast.so": _GOOD},
            "a library": {"probe/libx.so.1": make_elf()},
            "a static library": {"probe/libx.a": make_archive({"x.o": make_elf(kind="ET_REL")})},
        }.items()
    ),
    *(
        WrongWheel(
            name=f"an extension with {whose} suffix",
            make=partial(make_wheel, files={name: _GOOD}),
            finding="wrong-suffix",
            binary=True,
        )
        for whose, name in _NAMES.items()
    ),
    *(
        WrongWheel(
            name=f"an extension for one Python in a wheel for {which}",
            make=partial(make_wheel, files={EXTENSION: _GOOD}, tag=tag),
            finding="narrow-suffix",
            binary=True,
        )
        for which, tag in (("the stable ABI", "cp38-abi3-linux_aarch64"), ("all ABIs", "py3-none-linux_aarch64"))
    ),
)
