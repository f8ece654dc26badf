import setuptools_library
from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "setuptools_uses_library",
            ["facts.c"],
            include_dirs=[str(setuptools_library.include)],
            library_dirs=[str(setuptools_library.lib)],
            libraries=["library"],
        )
    ]
)
