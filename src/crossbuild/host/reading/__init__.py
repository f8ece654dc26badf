"""Reading what a host's files say, one kind of file each. Nothing of a host is run."""
