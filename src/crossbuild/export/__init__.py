"""Text files with which other tools build for a host without crossbuild.

Each function takes a finished target and returns the text of one file for Meson, CMake, cargo, PyO3, a shell or
CPython. The texts are those of crossbuild's own builds (:mod:`crossbuild.native`), adapted to tools that run elsewhere;
the files that they refer to are kept in the cache (:mod:`.support`). The frontend calls :mod:`.formats`, which lists
the formats. :mod:`.host_facts` has the lines and the JSON of ``crossbuild host show``, which calls it directly.
"""
