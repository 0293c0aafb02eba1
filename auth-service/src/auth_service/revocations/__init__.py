"""What verifiers must refuse although it has not expired yet."""
