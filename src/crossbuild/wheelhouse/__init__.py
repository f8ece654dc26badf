"""Sets of wheels for the host: planned, fetched and built at once, audited, and delivered.

In come a request and a session; out come wheels in a directory, each as soon as it is there. Everything that wants a
wheel comes here: the commands, the library, images, cross environments, and builds that compile against another
project. What a single build does is not decided here (``building``), nor which version is chosen (``resolve``).
"""
