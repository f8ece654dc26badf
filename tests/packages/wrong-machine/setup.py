"""Calls a compiler of its own choice, which happens to be the build machine's."""

import os
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class OwnCompiler(build_ext):
    def build_extension(self, ext):
        output = self.get_ext_fullpath(ext.name)
        os.makedirs(os.path.dirname(output), exist_ok=True)
        subprocess.check_call([os.environ["CC_FOR_BUILD"], "-shared", "-fPIC", "-o", output, *ext.sources])


setup(cmdclass={"build_ext": OwnCompiler}, ext_modules=[Extension("wrong_machine", ["module.c"])])
