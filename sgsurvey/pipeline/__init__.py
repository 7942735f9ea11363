"""Runs a study's scripts; knows no statistic."""
