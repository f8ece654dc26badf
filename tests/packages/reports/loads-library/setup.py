from ctypes import CDLL
from ctypes.util import find_library
from setuptools import setup
from setuptools.command.build_py import build_py


class Checked(build_py):
    """Refuse to build where the C library cannot be loaded."""

    def run(self):
        name = find_library("iio")
        if name is None:
            raise OSError("the library was not found; install it first")
        CDLL(name)
        super().run()


setup(name="sensorlib", version="1.0", packages=["sensorlib"], cmdclass={"build_py": Checked})
