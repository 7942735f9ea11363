"""Every source, variant and group: written as the tool writes it, read back, compared cell by cell."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd
from layouts.entries import small_county

import sgsurvey as sg
from sgsurvey.answers.responses import Responses
from sgsurvey.ingest.sources import SOURCES

COUNTY = sg.read_questionnaire(Path(__file__).parents[2] / "questionnaires")
ROLES = tuple(role.name for role in COUNTY.roles)
# Times of which a device adds its zone.
CLOCKED = ("t_start", "t_end")
# (source, variant): why what it holds cannot come back.
MISSING: dict[tuple[str, str], str] = {}


def rows() -> Iterator[tuple[str, str]]:
    """Every source with every variant of it."""
    for source in SOURCES:
        for variant in import_module(f"layouts.{source}").VARIANTS:
            yield source, variant


@cache
def county() -> Responses:
    """The answers that every tool is given."""
    return small_county(COUNTY)


def there_and_back(source: str, variant: str, role: str, folder: Path) -> tuple[Responses, Responses]:
    """The answers of ``role`` as they were, and as they came back."""
    layout = import_module(f"layouts.{source}")
    path, how = layout.export(county(), role, folder, **layout.VARIANTS[variant])
    whole = county()
    given = whole.where(whole.frame["role"] == role)
    return given, sg.read_responses(path, COUNTY, source=source, options=sg.ReadOptions(min_complete=0), **how)


def differences(given: Responses, back: Responses) -> list[str]:
    """What did not come back as it was; empty when all did."""
    step = back.log.steps[0]
    found = []
    if len(back) != len(given) or step.set_aside:
        return [f"{len(back)} of {len(given)} rows came back: {dict(step.set_aside)}"]
    if invalid := int(back.log.cells["invalid"].sum()):
        found.append(f"{invalid} cells set aside: {back.log.invalid.head(3).to_dict('records')}")
    for item in COUNTY.asked(str(given.frame["role"].iloc[0])):
        if not item.columns or item.columns[0] not in given.frame:
            continue
        was, is_now = _cells(given, item.columns), _cells(back, item.columns)
        if was != is_now:
            pair = next((a, b) for a, b in zip(was, is_now, strict=True) if a != b)
            found.append(f"{item.name}: {pair[0]} came back as {pair[1]}")
        if given.shown(item.name).tolist() != back.shown(item.name).tolist():
            found.append(f"{item.name}: shown to others")
    return found


def _cells(answers: Responses, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    frame = answers.frame.reindex(columns=list(columns))
    plain = [[None if pd.isna(v) else v[:19] if c in CLOCKED else v for v in frame[c]] for c in columns]
    return list(zip(*plain, strict=True))


def show() -> bool:
    """Print the matrix; True when everything came back."""
    whole = True
    print(f"{'source':<11}{'variant':<34}" + "".join(f"{role:>13}" for role in ROLES))
    totals: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as folder:
        for source, variant in rows():
            words = []
            for role in ROLES:
                given, back = there_and_back(source, variant, role, Path(folder))
                found = differences(given, back)
                whole &= not found
                cells = sum(len(item.columns) for item in COUNTY.asked(role)) * len(given)
                totals[source] += cells
                words.append(f"{len(found)} differ" if found else f"{cells} alike")
            print(f"{source:<11}{variant:<34}" + "".join(f"{word:>13}" for word in words))
    print(", ".join(f"{source} {cells:,} cells" for source, cells in totals.items()))
    return whole
