"""Builds a C library that it bundles, as its manual says: ./configure && make."""

import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class WithLibrary(build_ext):
    def build_extension(self, ext):
        library = Path(self.build_temp, "answer").absolute()
        shutil.copytree("answer", library, dirs_exist_ok=True)
        subprocess.run(["./configure", "--disable-silent-rules"], cwd=library, check=True)
        subprocess.run(["make"], cwd=library, check=True)
        ext.include_dirs.append(str(library))
        ext.extra_objects.append(str(library / "libanswer.a"))
        super().build_extension(ext)


setup(cmdclass={"build_ext": WithLibrary}, ext_modules=[Extension("setuptools_autotools", ["facts.c"])])
