import os
import subprocess
import sysconfig

from setuptools import Distribution, setup


class Compiled(Distribution):
    def has_ext_modules(self):
        return True


def run(variable, *arguments):
    program = os.environ.get(variable) or sysconfig.get_config_var(variable)
    subprocess.run([*program.split(), *arguments], check=True)


run("CC", "-O2", "-fPIC", "-c", "library.c", "-o", "library.o")
run("AR", "rcs", "libdevfiles.a", "library.o")
setup(
    distclass=Compiled,
    data_files=[("include", ["devfiles.h"]), ("lib", ["libdevfiles.a"]), ("lib/pkgconfig", ["devfiles.pc"])],
)
