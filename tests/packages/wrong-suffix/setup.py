"""Names its extension by a rule of its own, which holds for the build machine only."""

import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class OwnSuffix(build_ext):
    def get_ext_filename(self, fullname):
        return "{}.cpython-{}{}-x86_64-linux-gnu.so".format(fullname, *sys.version_info[:2])


setup(cmdclass={"build_ext": OwnSuffix}, ext_modules=[Extension("wrong_suffix", ["module.c"])])
