"""Questions and numbers joined: answers, their questionnaire, their design, and what engines must give."""
