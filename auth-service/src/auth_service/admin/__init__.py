"""What only administrators may do."""
