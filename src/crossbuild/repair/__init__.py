"""Libraries that come along with a wheel, because its tag does not promise them.

What a wheel needs is found in the host's root as the host's loader would find it, and never on this machine. auditwheel
puts it into the wheel; what is in it then, and where it is from, is written into the wheel, too.
"""
