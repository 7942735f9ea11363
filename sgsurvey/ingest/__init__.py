"""A file to Responses; nothing lost, every mismatch told."""
