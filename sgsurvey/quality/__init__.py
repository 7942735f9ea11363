"""Checks on answers: flags, never deletions."""
