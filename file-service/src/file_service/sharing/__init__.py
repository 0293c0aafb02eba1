"""Files shared with other accounts, to read or to write new versions too."""
