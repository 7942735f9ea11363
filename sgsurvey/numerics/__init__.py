"""The language of numbers: numpy and scipy only, and only what two statistics share."""
