from skbuild import setup

setup(name="skbuild-legacy", version="1.0", packages=["skbuild_legacy"], cmake_languages=["C"])
