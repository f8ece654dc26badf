from pathlib import Path

import numpy
from setuptools import Extension, setup

include = Path(numpy.get_include())
setup(
    ext_modules=[
        Extension(
            "setuptools_numpy",
            ["facts.c"],
            include_dirs=[str(include)],
            library_dirs=[str(include.parent / "lib")],
            libraries=["npymath"],
        )
    ]
)
