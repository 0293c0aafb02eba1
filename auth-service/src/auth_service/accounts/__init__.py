"""Who has an account: registration, profile, passwords."""
