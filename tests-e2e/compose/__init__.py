"""Runs docker-compose.yml for real, on a machine that has nothing of it yet."""
