"""What one respondent's JSON file is called by those who write it and those who read it."""

FORMAT = "sgsurvey-answers"
FORMAT_VERSION = 1
CLOCKED = {"t_start": "started", "t_end": "finished"}
"""Questions in words that the device answers by its clock, and with what."""
