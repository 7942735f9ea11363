"""The language of pages: numbers, labels, formats, notes.  Knows no statistic and no questionnaire."""
