"""Weights: made to stand for who did not answer, to meet known totals, cut, looked at, and repeated in replicates."""
