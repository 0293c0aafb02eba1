"""Share links: whoever knows the address may download, without an account."""
