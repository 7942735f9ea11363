"""What every test may use, and the validation page that the tests write."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import astuple
from itertools import groupby
from pathlib import Path

import browser
import matplotlib as mpl
import pytest
import reference_values
from reference_values import SHARED, Witness

mpl.use("Agg")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--validation", default=None, help="write the validation page here; fail where it lacks a row")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real and reference data beside the project."""
    return SHARED


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    """No test sees the figures that another left open."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {}
    if not SHARED.is_dir():
        missing["shared"] = f"the folder {SHARED} with real and reference data is not here"
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        missing["office"] = "LibreOffice and poppler-utils are not installed"
    if not shutil.which("java"):
        missing["java"] = "Java, which ODK Validate needs, is not installed"
    if not browser.INSTALLED:
        missing["browser"] = "chromium and chromedriver are not installed"
    forbidden = {name: why for name, why in missing.items() if os.environ.get("CI")}
    if forbidden:
        raise pytest.UsageError(f"in CI nothing may be skipped: {forbidden}")
    for item in items:
        for name, why in missing.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=why))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["witnesses"] = [list(astuple(w)) for w in reference_values.WITNESSES]
        return
    path = session.config.getoption("--validation")
    if path and session.exitstatus == 0:
        write_validation(Path(path), reference_values.WITNESSES)
        for kind in reference_values.without_witness(reference_values.WITNESSES):
            print(f"\n{path} has no row for {kind}: see tests/reference/required.toml")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    reference_values.WITNESSES.extend(Witness(*w) for w in getattr(node, "workeroutput", {}).get("witnesses", []))


def write_validation(path: Path, witnesses: list[Witness]) -> None:
    """The validation page: rooms of the package; in each a line per statistic, reference and tolerance."""
    numbers = sum(witness.numbers for witness in set(witnesses))
    lines = [
        "# Validation",
        "",
        f"{len(set(witnesses))} comparisons of {numbers} numbers with other programs and with printed examples. "
        "Made by the tests (`pytest --validation=docs/validation.md`): every line ran. "
        "*Largest* is the largest difference seen, on the scale of the tolerance; a line of one number shows it and "
        "ours.",
        "",
        f"References: {', '.join(sorted({w.reference for w in witnesses}, key=str.lower))}.",
    ]
    for room in sorted({w.room for w in witnesses}):
        lines += [
            "",
            f"## {room.capitalize()}",
            "",
            "| statistic | reference | data | numbers | theirs | ours | tolerance | largest |",
            "| --- | --- | --- | ---: | ---: | ---: | --- | ---: |",
            *_lines([w for w in set(witnesses) if w.room == room]),
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lines(witnesses: list[Witness]) -> Iterator[str]:
    """Data sets that were compared in the same way share a line; a number that was compared alone has its own."""

    def alike(witness: Witness) -> tuple[str, str, str, str, str]:
        alone = witness.data if witness.numbers == 1 else ""
        return witness.statistic, witness.reference, witness.tolerance, witness.why, alone

    for (statistic, reference, tolerance, why, _), group in groupby(sorted(witnesses, key=alike), alike):
        same = list(group)
        data = "; ".join(sorted({w.data for w in same}))
        numbers, largest = sum(w.numbers for w in same), max(w.largest for w in same)
        pair = f"{same[0].theirs:.9g} | {same[0].ours:.9g}" if numbers == 1 else "|"
        yield f"| {statistic} | {reference} | {data} | {numbers} | {pair} | {tolerance}: {why} | {largest:.1e} |"
