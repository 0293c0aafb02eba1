"""Second factors: one-time passwords, recovery codes, passkeys."""
