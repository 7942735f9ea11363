"""Pages to a document."""
