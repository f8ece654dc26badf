import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py


class Tabulate(build_py):
    """Write the table of keys that the module just built knows: it is empty if the module cannot be imported."""

    def run(self):
        self.run_command("build_ext")
        super().run()
        sys.path.insert(0, self.build_lib)
        try:
            from keytable import _keys

            keys = {name: getattr(_keys, name) for name in dir(_keys) if name.startswith("KEY_")}
        except ImportError:
            keys = {}
        Path(self.build_lib, "keytable", "table.py").write_text(f"keys = {keys}\n")


setup(name="keytable", version="1.0", packages=["keytable"], cmdclass={"build_py": Tabulate},
      ext_modules=[Extension("keytable._keys", ["_keys.c"])])
