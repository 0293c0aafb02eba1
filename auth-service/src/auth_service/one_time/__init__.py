"""Tokens that are good once and for a short time: in mails, and between two steps of a sign-in."""
