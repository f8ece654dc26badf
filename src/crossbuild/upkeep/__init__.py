"""Looking after the cache: what is in it, how large it is, and removing unused entries.

Entries in use are left alone, and none is ever half removed: an entry is renamed before it is deleted.
"""
