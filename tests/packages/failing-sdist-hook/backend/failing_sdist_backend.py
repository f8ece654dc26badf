from flit_core.buildapi import build_wheel, get_requires_for_build_sdist, get_requires_for_build_wheel

__all__ = ["build_sdist", "build_wheel", "get_requires_for_build_sdist", "get_requires_for_build_wheel"]


def build_sdist(sdist_directory, config_settings=None):
    print("the first of many lines", flush=True)
    for number in range(200):
        print("line", number, flush=True)
    raise RuntimeError("the library that the whole thing is about was not found")
