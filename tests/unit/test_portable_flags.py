"""Which flags of a host's record reach another compiler."""

from __future__ import annotations

import pytest

from crossbuild.interpreter.flags import portable_flags


@pytest.mark.parametrize(
    "flags",
    [
        "-Wno-unused-result -Wsign-compare -DNDEBUG -fwrapv -O3 -Wall",
        "-pthread -fstack-protector-strong -Wformat -Werror=format-security",
        "-Xlinker -export-dynamic -Wl,-O1 -Wl,-Bsymbolic-functions -Wl,-z,relro,-z,now",
        "-fno-strict-overflow -fno-semantic-interposition -fvisibility=hidden",
        "-mfloat-abi=hard -lm -ldl -static-libgcc",
    ],
)
def test_what_means_the_same_everywhere_stays(flags: str) -> None:
    assert portable_flags(flags, "armv7l") == flags


@pytest.mark.parametrize(
    "flag",
    [
        *("-march=armv8-a", "-mcpu=cortex-a53", "-mtune=generic", "-mfpu=neon", "-target aarch64-linux-musl"),
        *("-specs=/usr/lib/rpm/redhat/redhat-hardened-cc1", "-fuse-ld=gold", "--sysroot=/build/sysroot"),
        *("-I.", "-I ../Include", "-isystem /tools/include", "-L/build/lib", "-L /build/lib", "-B /compat"),
        *("-Wl,-rpath,/build/lib", "-Wl,-rpath=/build/lib", "-Wl,-rpath-link,/build/lib", "-Wl,-dT,/build/note.ld"),
        *("-fdebug-prefix-map=/build=.", "-ffile-prefix-map=/build=.", "-fmacro-prefix-map=/build=."),
        *("-flto", "-flto=auto", "-ffat-lto-objects", "-fuse-linker-plugin", "-fprofile-use", "-fprofile-correction"),
        *("-fcf-protection", "-fcf-protection=full", "-m64", "-g", "-g3", "-ggdb", "-gdwarf-5", "-gz=zlib"),
    ],
)
def test_what_the_build_of_the_host_python_needed_goes(flag: str) -> None:
    assert portable_flags(f"-O2 {flag} -Wall", "riscv64") == "-O2 -Wall"


def test_search_paths_go_from_within_a_linker_option() -> None:
    given = "-Wl,-O2,--sort-common,-rpath,/h/lib,-rpath-link,/h/lib,-z,now -L/h/lib"
    assert portable_flags(given, "aarch64") == "-Wl,-O2,--sort-common,-z,now"


@pytest.mark.parametrize(
    ("flag", "architectures"),
    [
        ("-mbranch-protection=standard", {"aarch64"}),
        ("-fcf-protection", {"x86_64", "i686"}),
        ("-mno-omit-leaf-frame-pointer", {"aarch64", "x86_64", "i686"}),
        ("-m64", {"x86_64", "ppc64le", "s390x"}),
    ],
)
def test_flags_of_one_architecture_stay_there(flag: str, architectures: set[str]) -> None:
    every = ("aarch64", "armv6l", "armv7l", "i686", "loongarch64", "ppc64le", "riscv64", "s390x", "x86_64")
    assert {name for name in every if portable_flags(flag, name) == flag} == architectures


def test_quoted_words_stay_whole() -> None:
    given = """-DTITLE='"a -I b"' -DPATH="/x y" -I"/x y" -O2"""
    assert portable_flags(given, "aarch64") == """-DTITLE='"a -I b"' -DPATH="/x y" -O2"""
