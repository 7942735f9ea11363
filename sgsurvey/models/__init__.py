"""Regressions, each with the covariance its clusters ask for."""
