"""Transfers between clients and the store itself, where the deployment publishes its address."""
