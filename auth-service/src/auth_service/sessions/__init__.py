"""Who is signed in: sessions and their families of refresh tokens."""
