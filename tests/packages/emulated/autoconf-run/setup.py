"""Runs the configure script of a C library, which runs a program of its own (AC_RUN_IFELSE)."""

import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def build_extension(self, ext):
        asking = Path(self.build_temp, "asking").absolute()
        shutil.copytree("asking", asking, dirs_exist_ok=True)
        subprocess.run(["sh", "./configure"], cwd=asking, check=True)
        ext.include_dirs.append(str(asking))
        super().build_extension(ext)


setup(
    name="autoconf-run",
    version="1.0",
    ext_modules=[Extension("autoconf_run", ["module.c"])],
    cmdclass={"build_ext": Build},
)
