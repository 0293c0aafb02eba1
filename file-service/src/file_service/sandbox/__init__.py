"""Runs parsers in processes that can be killed, and answers what they ask for."""
