import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithTable(build_py):
    def run(self):
        super().run()
        shutil.copy("../data/table.json", Path(self.build_lib, "besides"))


setup(
    name="besides",
    version="1.0",
    long_description=Path("../README.md").read_text(),
    packages=["besides"],
    cmdclass={"build_py": WithTable},
)
