"""Compiles a program by the extension's compiler, and runs it; goes on without an answer if it cannot be run."""

import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def build_extension(self, ext):
        place = Path(self.build_temp).absolute()
        objects = self.compiler.compile(["probe.c"], output_dir=str(place))
        self.compiler.link_executable(objects, "probe", output_dir=str(place))
        try:
            answer = subprocess.check_output([str(place / "probe")], text=True)
        except (OSError, subprocess.CalledProcessError):
            answer = '#define MACHINE "unknown"\n#define POINTER 0\n#define LITTLE -1\n#define FEATURES 0\n'
        (place / "answer.h").write_text(answer)
        ext.include_dirs.append(str(place))
        super().build_extension(ext)


setup(
    name="setup-run",
    version="1.0",
    ext_modules=[Extension("setup_run", ["module.c"])],
    cmdclass={"build_ext": Build},
)
