"""Questions to the field: one definition, a form for each role in each tool's own format.  No answers are read here."""
