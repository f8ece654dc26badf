"""Wheels in a root, an image or another directory of the host's: installed, replaced, removed and listed.

:mod:`.fill` takes a request and an ``ImageTarget``, has the wheelhouse resolve, fetch and build, and installs the
result. The root is then either as it was or completely changed (:mod:`.transaction`). :mod:`.manifest` and :mod:`.sbom`
describe what is in it. All paths are the host's until the last moment: only :mod:`.places` says where they are on this
machine, and it lets no link lead out of the root. The frontend calls :mod:`.fill`; the other modules fetch nothing, and
work on any directory.
"""
