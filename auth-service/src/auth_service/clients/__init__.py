"""Apps and service accounts: programs that have credentials of their own."""
