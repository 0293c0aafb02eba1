"""The one address that Strongroom's clients know: streams each request to the service that owns its path."""
