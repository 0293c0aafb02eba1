"""The OAuth 2.0 face: the token endpoint and the discovery documents."""
