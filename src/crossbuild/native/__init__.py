"""What each native build tool needs to be told about a host, in its own words: files and variables."""
