"""One build: its environment, its requirements, the project's PEP 517 hooks, and the audit of the wheel that comes out.

In come a source and a session; out comes a wheel that was checked, or an error with the record of what the build did.
The wheelhouse and the frontend build here; cross environments that last are made of the same parts.
"""
