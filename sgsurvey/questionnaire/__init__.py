"""The language of questions: what is asked, of whom, on which scale.  Reads no answers."""
