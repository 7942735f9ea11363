"""The files of ../shared/reference walked leaf by leaf: a number that no comparison asked for fails its test."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NotRequired, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
from reference_values import SHARED, assert_matches

Array = npt.NDArray[np.float64]


class Near(TypedDict):
    """A tolerance with its reason, as ``assert_matches`` takes it."""

    why: str
    rtol: NotRequired[float]
    atol: NotRequired[float]


@cache
def read(file: str) -> dict[str, Any]:
    """A file of ../shared/reference."""
    return json.loads((SHARED / "reference" / f"{file}.json").read_text(encoding="utf-8"))


def sections(file: str, under: str = "") -> list[str]:
    """The keys of a file, or of what it has ``under`` a key, each to be compared; a stand-in where shared is absent."""
    if not SHARED.is_dir():
        return ["../shared"]
    return list(read(file)[under] if under else read(file))


def leaves(node: object, path: str = "") -> Iterator[tuple[str, Array]]:
    """Every number or array of numbers with its path; a list of records is its columns; words are passed over."""
    if isinstance(node, list) and node and isinstance(node[0], dict):
        node = {key: [line.get(key) for line in node] for key in node[0]}
    if isinstance(node, Mapping):
        for key, inner in node.items():
            yield from leaves(inner, f"{path}/{key}" if path else key)
        return
    try:
        numbers = np.asarray(node, dtype=float)
    except (TypeError, ValueError):
        return
    if not np.isnan(numbers).all():
        yield path, numbers


@dataclass
class Section:
    """What R said under one key, and which of it was compared.

    Attributes
    ----------
    file, key : str
    raw : the JSON value.
    data, reference : str
        For the validation page.
    not_ours : mapping of pattern to reason
        Paths of numbers that need no comparison.
    under : str
        A key of the file that holds ``key``, if its first keys do not.
    unread : set of str
        Paths of the numbers that nothing of ours was compared with so far.
    """

    file: str
    key: str
    data: str = ""
    reference: str = ""
    not_ours: Mapping[str, str] = field(default_factory=dict)
    under: str = ""
    raw: Any = field(init=False)
    numbers: dict[str, Array] = field(init=False)
    unread: set[str] = field(init=False)

    def __post_init__(self) -> None:
        whole = read(self.file)
        self.raw = (whole[self.under] if self.under else whole)[self.key]
        self.numbers = dict(leaves(self.raw, self.key))
        self.unread = set(self.numbers)

    def __call__(self, path: str = "") -> Array:
        return self.numbers[f"{self.key}/{path}".rstrip("/")]

    def matches(
        self,
        path: str,
        ours: npt.ArrayLike,
        statistic: str = "",
        where: npt.NDArray[np.bool_] | None = None,
        **near: Unpack[Near],
    ) -> None:
        """Compare ours with the number (or array) at ``path``, or with those of its numbers that ``where`` keeps."""
        theirs = self(path) if where is None else self(path)[where]
        assert np.size(ours) == theirs.size, f"{self.key}/{path}: {np.size(ours)} numbers of ours, {theirs.size} of R"
        assert_matches(
            np.ravel(np.asarray(ours, dtype=float)),
            theirs.ravel(),
            statistic=statistic or f"{self.key}/{path}".rstrip("/"),
            reference=self.reference,
            data=self.data,
            **near,
        )
        self.unread.discard(f"{self.key}/{path}".rstrip("/"))

    def wanted(self) -> list[str]:
        """Paths that were not compared so far and that ``not_ours`` does not excuse."""
        return sorted(path for path in self.unread if not any(re.fullmatch(pattern, path) for pattern in self.not_ours))

    def finish(self) -> None:
        """Fail where a number has no comparison and no reason."""
        left = self.wanted()
        assert not left, f"{self.file}.json: no comparison asks for {left}, and no reason says why not"
