"""meson-python behind a backend that says so only when it is asked, and has settings of its own for it."""


def get_requires_for_build_sdist(config_settings=None):
    return ["meson-python>=0.17"]


def get_requires_for_build_wheel(config_settings=None):
    return ["meson-python>=0.17"]


def build_sdist(sdist_directory, config_settings=None):
    import mesonpy

    return mesonpy.build_sdist(sdist_directory)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    import mesonpy

    return mesonpy.build_wheel(wheel_directory, {"setup-args": "-Doptimization=1"}, metadata_directory)
