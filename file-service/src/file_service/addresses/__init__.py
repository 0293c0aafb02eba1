"""Addresses that give a file's bytes to whoever can send no token, like a browser's own downloads and its players."""
