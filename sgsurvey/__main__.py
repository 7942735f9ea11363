"""``python -m sgsurvey`` is the command ``sgsurvey``."""

from sgsurvey.cli import main

main()
