"""Weighted shares, means with their errors, groups with effect sizes."""
