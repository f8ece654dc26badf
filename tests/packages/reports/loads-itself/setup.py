import ctypes
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Measured(build_ext):
    """Ask the library that was just built for its number; do without if it cannot be loaded."""

    def run(self):
        super().run()
        library = self.get_ext_fullpath("measured._lib")
        try:
            number = ctypes.CDLL(library).number()
        except OSError:
            number = 0
        Path(self.build_lib, "measured", "number.py").write_text(f"number = {number}\n")


setup(name="measured", version="1.0", packages=["measured"], cmdclass={"build_ext": Measured},
      ext_modules=[Extension("measured._lib", ["_lib.c"])])
