"""Builds a C library that it bundles, as its manual says: meson setup, then ninja."""

import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class WithLibrary(build_ext):
    def build_extension(self, ext):
        built = Path(self.build_temp, "answer").absolute()
        subprocess.run(["meson", "setup", "--buildtype=release", built], cwd="answer", check=True)
        subprocess.run(["ninja", "-C", built], check=True)
        ext.include_dirs += ["answer", str(built)]
        ext.extra_objects.append(str(built / "libanswer.a"))
        super().build_extension(ext)


setup(cmdclass={"build_ext": WithLibrary}, ext_modules=[Extension("setuptools_meson", ["facts.c"])])
