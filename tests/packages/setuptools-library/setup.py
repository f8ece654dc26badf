import os
import subprocess
import sysconfig
from pathlib import Path

from setuptools import Distribution, setup

BITS = 8 * sysconfig.get_config_var("SIZEOF_LONG")
PACKAGE = Path("setuptools_library")


class Compiled(Distribution):
    def has_ext_modules(self):
        return True


for directory in ("include", "lib"):
    (PACKAGE / directory).mkdir(exist_ok=True)
(PACKAGE / "include/library.h").write_text(f"#define LIBRARY_LONG_BITS {BITS}\nint library_long_bits(void);\n")
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC")).split()
subprocess.run([*compiler, "-O2", "-fPIC", "-c", "library.c", "-o", "library.o"], check=True)
archiver = (os.environ.get("AR") or sysconfig.get_config_var("AR")).split()
subprocess.run([*archiver, "rcs", str(PACKAGE / "lib/liblibrary.a"), "library.o"], check=True)
setup(distclass=Compiled)
