"""From numbers to judgement: problem, driver, priority."""
