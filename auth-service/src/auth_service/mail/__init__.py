"""Mails to people: queued in the transaction that they tell of, sent through SMTP or written as `.eml` files."""
