"""Reliability and factors of the scales."""
