import os
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class WithLibraries(build_ext):
    """Build libraries into the package. The environment says where the module looks for them, and what they need."""

    def build_extensions(self):
        place = Path(self.build_lib, "carrier", "lib")
        chained = os.environ.get("CHAINED") == "1"
        self.build_library(place, "inner")
        self.build_library(place, "outer", ["inner"] if chained else [], [("CHAINED", "1")] if chained else [])
        for extension in self.extensions:
            extension.library_dirs = [str(place)]
            extension.runtime_library_dirs = os.environ.get("RUN_PATHS", "").split()
        super().build_extensions()

    def build_library(self, place, name, needs=(), macros=()):
        objects = self.compiler.compile([f"{name}.c"], self.build_temp, list(macros), extra_preargs=["-fPIC"])
        options = {"libraries": list(needs), "library_dirs": [str(place)]}
        named = [f"-Wl,-soname,lib{name}.so"]
        self.compiler.link_shared_object(objects, str(place / f"lib{name}.so"), extra_preargs=named, **options)


setup(name="carrier", version="1.0", packages=["carrier"], cmdclass={"build_ext": WithLibraries},
      ext_modules=[Extension("carrier._module", ["module.c"], libraries=["outer"])])
