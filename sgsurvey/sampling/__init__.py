"""Plans before the data: how many, where, who, and how many of them answered."""
