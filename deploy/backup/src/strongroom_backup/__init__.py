"""Copies of everything that Strongroom keeps, consistent between PostgreSQL and S3, and the way back."""
