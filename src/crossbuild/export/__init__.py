"""Text files that let other tools build for a host by themselves.

In comes a finished target, out comes the text of one file in the format of a tool: Meson, CMake, cargo, PyO3, a shell,
or CPython itself. The texts are those that builds here use (:mod:`crossbuild.native`), changed where a tool runs
without crossbuild around it; what they refer to is put into the cache (:mod:`.support`). :mod:`.formats` lists the
formats, and is what the frontend calls. :mod:`.host_facts` is the odd one: it says for ``crossbuild host show`` what is
known of a host.
"""
