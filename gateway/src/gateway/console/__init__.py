"""The web console: the page at `/`, and the modules and styles that it is made of."""
