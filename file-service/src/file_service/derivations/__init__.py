"""What is derived from stored objects, and stays with them: facts, texts, and further objects."""
