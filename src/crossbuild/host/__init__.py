"""What we compile for: a host Python, read where it is installed (:mod:`.describe`) or made from a platform tag by
measuring (:mod:`.synthesise`). A host is plain data (:mod:`.model`) and is never run.
"""
