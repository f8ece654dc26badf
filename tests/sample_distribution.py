"""Releases of a distribution made to order: the packages that a sysroot is made of, each with a few tiny files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossbuild.platforms.platform import ARCHITECTURES, Platform
from tests.repository import Package
from tests.unit.wheel_samples import make_elf

if TYPE_CHECKING:
    from collections.abc import Iterator

_WHEEL_NAMES = {"arm64": "aarch64", "armhf": "armv7l", "amd64": "x86_64"}
_LOADERS = {
    "arm64": "/lib/ld-linux-aarch64.so.1",
    "armhf": "/lib/ld-linux-armhf.so.3",
    "amd64": "/lib64/ld-linux-x86-64.so.2",
}

ALTERNATIVES = """\
#!/bin/sh
set -e
touch /configured-libdemo-dev
if [ "$1" = "configure" ]; then
    update-alternatives \\
        --install /usr/lib/{multiarch}/libblas-demo.so \\
                  libblas-demo.so-{multiarch} \\
                  /usr/lib/{multiarch}/demo/libblas-demo.so 10 \\
        --slave /usr/include/{multiarch}/blas-demo.h \\
                blas-demo.h-{multiarch} \\
                /usr/include/{multiarch}/demo/blas-demo.h
fi
"""
"""A maintainer script of the form that Debian's BLAS libraries have."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release for one architecture."""

    architecture: str = "arm64"
    """Debian's name of it."""
    python: int = 12
    """The minor version of its Python 3."""
    gcc: int = 13
    glibc: str = "2.39"
    usr: str = "/usr"
    """What libraries that were in ``/lib`` before the merge of ``/usr`` start with; empty in older releases."""
    extra: str = "universe"
    """The component that one of the packages is in, which the others depend on."""

    @property
    def multiarch(self) -> str:
        architecture = ARCHITECTURES[_WHEEL_NAMES[self.architecture]]
        return Platform(architecture=architecture, libc="glibc", libc_version=None).multiarch

    @property
    def libraries(self) -> str:
        return f"/usr/lib/{self.multiarch}"

    def packages(self) -> list[Package]:
        """Return all packages of the release."""
        found = (*self._c_library(), *self._compiler(), *self._python(), *self._demo())
        return [one if one.architecture == "all" else replace(one, architecture=self.architecture) for one in found]

    def elf(self, soname: str = "") -> bytes:
        """Return a shared library for the release, or an executable if it has no name."""
        loader = "" if soname else _LOADERS[self.architecture]
        kind = "ET_DYN" if soname else "ET_EXEC"
        versions = {("libc.so.6", f"GLIBC_{self.glibc}"): ["demo"]}
        name = _WHEEL_NAMES[self.architecture]
        return make_elf(name, kind=kind, soname=soname, interpreter=loader, versions=versions)

    def _c_library(self) -> Iterator[Package]:
        own = f"{self.usr}/lib/{self.multiarch}"
        loader = _LOADERS[self.architecture]
        real = f"{own}/{loader.rpartition('/')[2]}"
        yield Package(
            name="libc6",
            version=f"{self.glibc}-1",
            depends="libgcc-s1",
            files={f"{own}/libc.so.6": self.elf("libc.so.6"), real: self.elf("ld.so")},
            links={f"{self.usr}{loader}": real},
        )
        yield Package(
            name="libc6-dev",
            version=f"{self.glibc}-1",
            depends=f"libc6 (= {self.glibc}-1), linux-libc-dev",
            files={
                "/usr/include/stdio.h": "int puts(const char *);\n",
                f"/usr/include/{self.multiarch}/bits/types.h": "",
                f"{self.libraries}/crt1.o": b"",
                f"{self.libraries}/libc.so": f"GROUP ( /lib/{self.multiarch}/libc.so.6 )\n",
            },
            links={f"{self.libraries}/libm.so": f"/lib/{self.multiarch}/libm.so.6"},
        )
        yield Package(name="linux-libc-dev", files={"/usr/include/linux/types.h": ""})

    def _compiler(self) -> Iterator[Package]:
        gcc = f"/usr/lib/gcc/{self.multiarch}/{self.gcc}"
        base = f"gcc-{self.gcc}-base"
        yield Package(name=base, files={f"/usr/share/doc/{base}/copyright": "free\n"})
        yield Package(
            name="libgcc-s1",
            depends=f"{base}, libc6",
            files={f"{self.libraries}/libgcc_s.so.1": self.elf("libgcc_s.so.1")},
        )
        yield Package(
            name="libstdc++6", depends="libc6", files={f"{self.libraries}/libstdc++.so.6": self.elf("libstdc++.so.6")}
        )
        yield Package(
            name=f"libgcc-{self.gcc}-dev", depends=f"{base}, libgcc-s1", files={f"{gcc}/libgcc.a": b"!<arch>\n"}
        )
        yield Package(
            name=f"libstdc++-{self.gcc}-dev",
            depends=f"libgcc-{self.gcc}-dev, libc6-dev, libstdc++6",
            files={f"/usr/include/c++/{self.gcc}/vector": ""},
            links={f"{gcc}/libstdc++.so": f"../../../{self.multiarch}/libstdc++.so.6"},
        )
        for program, needs in (("gcc", f"libgcc-{self.gcc}-dev"), ("g++", f"gcc-{self.gcc}, libstdc++-{self.gcc}-dev")):
            versioned = f"{program}-{self.gcc}"
            yield Package(name=versioned, depends=needs, files={f"/usr/bin/{self.multiarch}-{versioned}": self.elf()})
            yield Package(
                name=program, depends=versioned, links={f"/usr/bin/{program}": f"{self.multiarch}-{versioned}"}
            )

    def _python(self) -> Iterator[Package]:
        python = f"python3.{self.python}"
        library, include = f"/usr/lib/{python}", f"/usr/include/{python}"
        size = ARCHITECTURES[_WHEEL_NAMES[self.architecture]].bits // 8
        facts = {
            "ABIFLAGS": "",
            "CC": f"{self.multiarch}-gcc",
            "CONFINCLUDEPY": include,
            "EXT_SUFFIX": f".cpython-3{self.python}-{self.multiarch}.so",
            "INCLUDEPY": include,
            "MULTIARCH": self.multiarch,
            "SIZEOF_VOID_P": size,
            "VERSION": f"3.{self.python}",
            "prefix": "/usr",
        }
        yield Package(
            name=f"lib{python}-stdlib",
            depends="libc6",
            files={
                f"{library}/os.py": "",
                f"{library}/_sysconfigdata__{self.multiarch}.py": f"build_time_vars = {facts!r}\n",
            },
        )
        yield Package(name=python, depends=f"lib{python}-stdlib", files={f"/usr/bin/{python}": self.elf()})
        version = {"MAJOR": 3, "MINOR": self.python, "MICRO": 4}
        patchlevel = "".join(f"#define PY_{part}_VERSION {number}\n" for part, number in version.items())
        yield Package(name="python3", depends=python, links={"/usr/bin/python3": python})
        yield Package(
            name=f"lib{python}-dev",
            depends=f"lib{python}-stdlib, libc6-dev",
            files={
                f"{include}/Python.h": "",
                f"{include}/patchlevel.h": patchlevel,
                f"{include}/pyconfig.h": f"#include <{self.multiarch}/{python}/pyconfig.h>\n",
                f"/usr/include/{self.multiarch}/{python}/pyconfig.h": f"#define SIZEOF_VOID_P {size}\n",
            },
        )
        yield Package(name="libpython3-dev", depends=f"lib{python}-dev")

    def _demo(self) -> Iterator[Package]:
        """Yield a library in the way that Debian packages most, with what its scripts and links may be like."""
        yield Package(
            name="libdemo1",
            depends="libc6",
            files={f"{self.libraries}/libdemo.so.1": self.elf("libdemo.so.1")},
        )
        yield Package(
            name="libdemo-dev",
            depends="libdemo1 (= 1.0-1), demo-data",
            files={
                "/usr/include/demo.h": "#define DEMO 10\n",
                f"{self.libraries}/pkgconfig/demo.pc": "Name: demo\nDescription: demo\nVersion: 1.0\nLibs: -ldemo\n",
                f"{self.libraries}/demo/libblas-demo.so": self.elf("libblas-demo.so"),
                f"/usr/include/{self.multiarch}/demo/blas-demo.h": "",
            },
            links={f"{self.libraries}/libdemo.so": "libdemo.so.1", "/usr/share/demo-dev": "/usr/share/demo"},
            scripts={"postinst": ALTERNATIVES.format(multiarch=self.multiarch)},
        )
        yield Package(
            name="demo-data", architecture="all", component=self.extra, files={"/usr/share/demo/table": "1\n"}
        )
        yield Package(name="libother-dev", depends="libdemo1", files={"/usr/include/other.h": "#define OTHER 1\n"})


NOBLE = Release()
BOOKWORM = Release(python=11, gcc=12, glibc="2.36", usr="", extra="main")
