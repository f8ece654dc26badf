"""Lets make build a generator for this machine, under each of the names that makefiles call its compiler by."""

import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def run(self):
        subprocess.check_call(["make", "table.h"])
        super().run()


setup(
    ext_modules=[Extension("setuptools_generator", ["module.c"], include_dirs=["."])],
    cmdclass={"build_ext": Build},
)
