"""The host's side of build requirements: headers, static libraries and kin that depend on the machine."""
