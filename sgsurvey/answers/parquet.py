"""Answers as one Parquet file: codes as columns; questionnaire, design, labels and log in the file's own metadata."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from sgsurvey.answers.design import PPS, Array, Calibration, Design, Replicates
from sgsurvey.answers.log import Log, Step
from sgsurvey.answers.refusal import refusal
from sgsurvey.answers.responses import Responses
from sgsurvey.answers.vastness import most_characters, unfolds_too_far
from sgsurvey.errors import DesignError, SurveyError
from sgsurvey.questionnaire import embedded
from sgsurvey.tables.claims import StudyKind
from sgsurvey.text import Text, same

KEY = b"sgsurvey"
LAYOUT = 1
TABLES = ("events", "quarantine", "invalid", "cells")
STEPS, LABELS, KIND = TypeAdapter(tuple[Step, ...]), TypeAdapter(dict[str, Text]), TypeAdapter(StudyKind)
NAMES = TypeAdapter(dict[str, str])


def load(path: str | Path) -> Responses:
    """Answers as ``answers.save("answers.parquet")`` kept them: codes, questionnaire, design, labels, log.

    What a simulation put in (``truth``) is not kept in the file; ``simulated`` is.  Nor is how weights were adjusted,
    which making replicate weights would need: variances by linearization, and replicates made before, are the same.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Responses

    Raises
    ------
    DataError
        Where the file cannot be opened, is damaged, or was not written by ``save``.

    Examples
    --------
    ``answers = sg.load("answers.parquet")``
    """
    file = Path(path)
    parquet = pyarrow_parquet(same(file.name))
    try:
        content = file.read_bytes()
    except OSError as error:
        raise refusal("SG160.open", where=file.name, reason=error.strerror or type(error).__name__) from error
    try:
        # The mark and the size are told without reading a row: another program's file, or a bomb, goes no further.
        meta = parquet.read_metadata(io.BytesIO(content))
        kept = json.loads((meta.metadata or {})[KEY])
        if kept["layout"] != LAYOUT:
            raise refusal("SG106.saved", where=file.name, found=f"layout {kept['layout']}")
        return _answers(_objects(_table(content, parquet, file.name), kept["objects"]), kept)
    except (SurveyError, ValidationError, *DAMAGE) as error:
        if isinstance(error, SurveyError) and error.code:
            raise
        found = error.what if isinstance(error, SurveyError) else type(error).__name__
        raise refusal("SG106.saved", where=file.name, found=found) from error


# Arrow's own errors are ValueError, KeyError, TypeError, NotImplementedError, OSError or IndexError too.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, NotImplementedError, OSError, IndexError, RecursionError)


def pyarrow_parquet(where: Text) -> Any:
    """The module ``pyarrow.parquet``; what to install where it is not there."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise refusal("SG160.extra", where=where, package="pyarrow") from error
    return pyarrow.parquet


def claimed(meta: Any) -> tuple[int, int]:
    """Rows (or values of the longest-told column, where more) and bytes unpacked, as the file's own metadata say."""
    chunks = [meta.row_group(g).column(c) for g in range(meta.num_row_groups) for c in range(meta.num_columns)]
    values = sum(chunk.num_values for chunk in chunks)
    unpacked = sum(chunk.total_uncompressed_size for chunk in chunks)
    return max(meta.num_rows, values // max(meta.num_columns, 1)), unpacked


def _table(content: bytes, parquet: Any, where: str) -> pd.DataFrame:
    """A table of a file of ours, refused where it would unfold to more than answers have.

    Texts are counted while each different one stands once: a page of a few bytes may stand for any number of them.
    """
    meta = parquet.read_metadata(io.BytesIO(content))
    rows, unpacked = claimed(meta)
    most = most_characters(len(content))
    if unfolds_too_far(rows * meta.num_columns, len(content)):
        raise refusal("SG140.cells", where=where, rows=f"{rows:,}", columns=f"{meta.num_columns:,}")
    chunks = [meta.row_group(g).column(c) for g in range(meta.num_row_groups) for c in range(meta.num_columns)]
    texts = list(dict.fromkeys(chunk.path_in_schema for chunk in chunks if chunk.physical_type == "BYTE_ARRAY"))
    if unpacked <= most:
        once = parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts).read(columns=texts)
        unpacked = sum(_unfolded(chunk) for column in once.columns for chunk in column.chunks)
    if unpacked > most:
        raise refusal("SG140.texts", where=where, most=f"{most:,}")
    return parquet.read_table(io.BytesIO(content)).to_pandas()


def _unfolded(chunk: Any) -> int:
    """Bytes of all texts of a column's chunk when each stands in its own row."""
    lengths = np.array([len(text or "") for text in chunk.dictionary.to_pylist()] + [0], dtype=np.int64)
    return int(lengths[chunk.indices.fill_null(len(lengths) - 1).to_numpy(zero_copy_only=False)].sum())


def to_parquet(answers: Responses, where: Text) -> bytes:
    """The file's bytes."""
    parquet = pyarrow_parquet(where)
    kept = json.dumps(_kept(answers), ensure_ascii=False).encode()
    return _written(answers.frame, {KEY: kept}, parquet)


# Into the file ------------------------------------------------------------------------------------


def _kept(answers: Responses) -> dict[str, Any]:
    log, design = answers.log, answers.design
    return {
        "layout": LAYOUT,
        "questionnaire": embedded.to_json(answers.questionnaire),
        "kind": answers.kind,
        "simulated": answers.simulated,
        "labels": LABELS.dump_python(dict(answers.labels)),
        "objects": _object_columns(answers.frame),
        "hidden": {item: _packed(rows.to_frame(index=False, name="row")) for item, rows in answers.hidden.items()},
        "context": {name: _packed(table) for name, table in answers.context.items()},
        "steps": STEPS.dump_python(log.steps),
        "inputs": dict(log.inputs),
        "log": {name: _packed(getattr(log, name)) for name in TABLES},
        "design": {
            "weights": design.weights,
            "strata": design.strata,
            "clusters": design.clusters,
            "fpc": design.fpc if design.fpc is None or isinstance(design.fpc, str) else list(design.populations),
            "pps": None if design.pps is None else _pps(design.pps),
            "stages": list(design.stages),
            "lonely": design.lonely,
            "whole": None if design.whole is None else _packed(design.whole),
            "replicates": None if design.replicates is None else _replicates(design.replicates),
            "calibrations": [_calibration(done) for done in design.calibrations],
        },
    }


def _pps(pps: PPS) -> dict[str, Any]:
    return {"method": pps.method, "form": pps.form, "joint": _array(pps.joint), "squares": pps.squares}


def _replicates(made: Replicates) -> dict[str, Any]:
    arrays = {"weights": _array(made.weights), "rscales": _array(made.rscales)}
    return {"kind": made.kind, "scale": float(made.scale), "df": float(made.df), "mse": bool(made.mse), **arrays}


def _calibration(done: Calibration) -> dict[str, Any]:
    arrays = {name: _array(getattr(done, name)) for name in ("auxiliaries", "base", "fit", "products")}
    return {"label": {"zh": done.label.zh, "en": done.label.en}, "estimated": bool(done.estimated), **arrays}


def _array(numbers: Array | None) -> str | None:
    if numbers is None:
        return None
    out = io.BytesIO()
    np.save(out, numbers, allow_pickle=False)
    return base64.b64encode(out.getvalue()).decode()


def _packed(table: pd.DataFrame) -> dict[str, Any]:
    """A table beside the answers, as a Parquet file of its own."""
    content = _written(table, {}, pyarrow_parquet(same("")))
    return {"table": base64.b64encode(content).decode(), "objects": _object_columns(table)}


def _written(frame: pd.DataFrame, metadata: Mapping[bytes, bytes], parquet: Any) -> bytes:
    import pyarrow

    table = pyarrow.Table.from_pandas(frame)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata})
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _object_columns(table: pd.DataFrame) -> list[str]:
    """Columns of Python objects, which Arrow would give back as another type."""
    return [str(name) for name in table.columns if table[name].dtype == object]


# Out of the file ----------------------------------------------------------------------------------


def _answers(frame: pd.DataFrame, kept: Mapping[str, Any]) -> Responses:
    design = _design(kept["design"])
    design.check(frame)
    if not isinstance(kept["simulated"], bool):
        raise TypeError
    tables = {name: _unpacked(kept["log"][name]) for name in TABLES}
    log = Log(steps=STEPS.validate_python(kept["steps"]), inputs=NAMES.validate_python(kept["inputs"]), **tables)
    return Responses(
        frame,
        embedded.from_json(kept["questionnaire"]),
        design,
        KIND.validate_python(kept["kind"]),
        log,
        kept["simulated"],
        context={name: _unpacked(table) for name, table in kept["context"].items()},
        labels=LABELS.validate_python(kept["labels"]),
        hidden={item: pd.Index(_unpacked(rows)["row"].array) for item, rows in kept["hidden"].items()},
    )


def _design(kept: Mapping[str, Any]) -> Design:
    made, whole = kept["replicates"], kept["whole"]
    plain = TypeAdapter(dict[str, str | None]).validate_python({k: kept[k] for k in ("weights", "strata", "clusters")})
    columns = TypeAdapter(tuple[str, ...]).validate_python
    fpc, pps = kept["fpc"], kept.get("pps")
    if fpc is not None and not isinstance(fpc, str):
        fpc = columns(fpc)
    if pps is not None:
        joint = None if pps["joint"] is None else _numbers(pps["joint"])
        fpc = (PPS(fpc[0], pps["method"], pps["form"], joint, pps["squares"]), *fpc[1:])
    return Design(
        **plain,
        fpc=fpc,
        stages=columns(kept["stages"]),
        lonely=kept["lonely"],
        whole=None if whole is None else _unpacked(whole),
        replicates=None
        if made is None
        else Replicates(
            made["kind"], _numbers(made["weights"]), made["scale"], _numbers(made["rscales"]), made["df"], made["mse"]
        ),
        calibrations=tuple(
            Calibration(
                None if done["auxiliaries"] is None else _numbers(done["auxiliaries"]),
                _numbers(done["base"]),
                Text(**done["label"]),
                _not_again,
                done["estimated"],
                None if done["fit"] is None else _numbers(done["fit"]),
                None if done.get("products") is None else _numbers(done["products"]),
            )
            for done in kept["calibrations"]
        ),
    )


def _not_again(weights: Array) -> Array:
    """In place of ``Calibration.redo``, which is code and is not kept in a file."""
    raise DesignError(
        Text(
            "存过的答卷不带权数调整的做法，无法在重复权数上再做一次。",
            "saved answers do not carry how their weights were adjusted, and it cannot be done again to other weights.",
        ),
        remedy=Text("请在保存前制作重复权数。", "Make replicate weights before saving."),
    )


def _numbers(text: str) -> Array:
    return np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False)


def _unpacked(packed: Mapping[str, Any]) -> pd.DataFrame:
    content = base64.b64decode(packed["table"])
    return _objects(_table(content, pyarrow_parquet(same("")), ""), packed["objects"])


def _objects(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return table.astype(dict.fromkeys(columns, object)) if columns else table
