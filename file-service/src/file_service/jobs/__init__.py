"""What is still to be done, for those who run the service."""
