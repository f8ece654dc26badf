"""Asks the compiler a few questions first, most of which it answers by failing, as configure scripts do."""

import os
import shlex
import subprocess
import sysconfig
import tempfile

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PYTHON = "-I" + sysconfig.get_path("include")


def compiles(text, *options):
    with tempfile.TemporaryDirectory() as directory:
        source = os.path.join(directory, "question.c")
        with open(source, "w") as file:
            file.write(text)
        command = [*shlex.split(os.environ["CC"]), *options, "-c", source, "-o", source + ".o"]
        return subprocess.call(command, stderr=subprocess.DEVNULL) == 0


class ProbingBuildExt(build_ext):
    def build_extensions(self):
        answers = {
            "HAVE_PYTHON": compiles("#include <Python.h>\n", PYTHON),
            "HAVE_NO_SUCH_HEADER": compiles("#include <no_such_header.h>\n", PYTHON),
            "HAVE_NO_SUCH_OPTION": compiles("int x;\n", "-fno-such-option-anywhere"),
            "HAVE_STRLEN": self.compiler.has_function("strlen"),
            "HAVE_NO_SUCH_FUNCTION": self.compiler.has_function("no_such_function"),
            "HAVE_NO_SUCH_LIBRARY": self.compiler.has_function("exit", libraries=["no_such_library"]),
        }
        self.extensions[0].define_macros = [(name, str(int(answer))) for name, answer in answers.items()]
        super().build_extensions()


setup(cmdclass={"build_ext": ProbingBuildExt}, ext_modules=[Extension("setuptools_probing", ["answers.c"])])
