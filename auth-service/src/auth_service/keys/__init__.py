"""The keys that sign access tokens, and how the world learns of them."""
