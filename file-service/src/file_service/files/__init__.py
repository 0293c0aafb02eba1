"""What is known of a file besides its bytes."""
