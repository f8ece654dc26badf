"""Looking after the cache: what is in it, how large it is, and removing what is not used.

What others use is left alone, and nothing is ever half removed: an entry is renamed first, and deleted then.
"""
