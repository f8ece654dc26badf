"""What runs the host's code on this machine: emulators, and Pythons for the host, found or fetched.

Tests of wheels and builds that must run what they make use the same.
"""
