"""The log of what has happened to what an owner has, and who listens to it."""
