"""Builds a C library that it bundles, and checks it first, as its manual says: make && make check."""

import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def build_extension(self, ext):
        library = Path(self.build_temp, "library").absolute()
        shutil.copytree("library", library, dirs_exist_ok=True)
        subprocess.run(["make"], cwd=library, check=True)
        subprocess.run(["make", "check"], cwd=library, check=True)
        ext.include_dirs.append(str(library))
        ext.extra_objects.append(str(library / "libanswer.a"))
        super().build_extension(ext)


setup(
    name="make-check",
    version="1.0",
    ext_modules=[Extension("make_check", ["module.c"])],
    cmdclass={"build_ext": Build},
)
