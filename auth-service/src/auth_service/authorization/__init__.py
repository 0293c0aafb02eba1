"""The authorization endpoint: people sign in on our page and allow an app what it asks for."""
