"""Small pictures of pictures and of pages."""
