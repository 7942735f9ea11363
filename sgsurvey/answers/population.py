"""Population: the places, people and truths that ``simulate`` draws answers from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

from sgsurvey.errors import DesignError

Edge = tuple[str, str]

SIZES = {"purchaser": 30, "undertaker": 60, "post_holder": 200, "evaluator": 15, "villager": 280}
SLOPES: dict[Edge, float] = {
    ("SUP", "MGT"): 0.50,
    ("MGT", "EFS"): 0.50,
    ("FUN", "EFS"): 0.40,
    ("FUN", "EFL"): 0.30,
    ("MGT", "SAT"): 0.45,
    ("FUN", "SAT"): 0.35,
    ("EFS", "SAT"): 0.30,
    ("EFS", "QUA"): 0.60,
    ("MGT", "TRU"): 0.40,
    ("FUN", "JOB"): 0.40,
}
LEVELS = {
    "EFS": 66,
    "EFL": 74,
    "MGT": 60,
    "FUN": 54,
    "SUP": 63,
    "SAT": 62,
    "POL": 64,
    "CAP": 58,
    "FRC": 45,
    "RES": 60,
    "REL": 66,
    "BUR": 58,
    "JOB": 70,
    "SEC": 56,
    "FAI": 66,
    "STD": 66,
    "IND": 58,
    "USE": 52,
    "QUA": 66,
    "PAR": 52,
    "TRU": 64,
    "MRK": 55,
}
TOWNSHIP_SD = {"SUP": 8.0, "FUN": 8.0, "MGT": 7.0, "EFS": 4.0, "SAT": 4.0}
LENIENCY = {"purchaser": 9.0, "undertaker": 6.0, "evaluator": 3.0, "post_holder": 2.0, "villager": -3.0}
OPTIMISM = {"purchaser": 12.0, "undertaker": 8.0, "evaluator": 5.0, "post_holder": 2.0}
DONT_KNOW: dict[Edge, float] = {
    ("villager", "FUN"): 0.20,
    ("villager", "SUP"): 0.14,
    ("villager", "MGT"): 0.08,
    ("post_holder", "FUN"): 0.06,
    ("post_holder", "SUP"): 0.05,
    ("purchaser", "EFS"): 0.06,
}
# Weights of the choices in the order shown, for a role or (under "") for every role.
BACKGROUND: dict[Edge, tuple[float, ...]] = {
    ("", "consent"): (1.0, 0.0),
    ("", "edu"): (0.02, 0.05, 0.13, 0.20, 0.30, 0.30),
    ("post_holder", "edu"): (0.22, 0.43, 0.28, 0.06, 0.01, 0.0),
    ("villager", "edu"): (0.12, 0.32, 0.36, 0.14, 0.05, 0.01),
    ("", "sex"): (0.5, 0.5),
    ("post_holder", "sex"): (0.42, 0.58),
    ("", "age5"): (0.12, 0.26, 0.30, 0.22, 0.10),
    ("post_holder", "age5"): (0.02, 0.08, 0.25, 0.40, 0.25),
    ("purchaser", "age5"): (0.16, 0.42, 0.30, 0.12, 0.0),
    ("undertaker", "age5"): (0.12, 0.38, 0.34, 0.16, 0.0),
    ("evaluator", "age5"): (0.10, 0.40, 0.35, 0.15, 0.0),
    ("villager", "age5"): (0.08, 0.15, 0.24, 0.30, 0.23),
}
# Mean and standard deviation of numbers asked of people; drawn inside the item's own limits.
NUMBERS: dict[str, tuple[float, float]] = {
    "H_pay": (800.0, 180.0),
    "H_hours": (24.0, 8.0),
    "H_tenure": (30.0, 18.0),
    "H_hhsize": (3.4, 1.4),
    "H_workers": (1.2, 0.8),
    "H_training": (1.6, 1.2),
    "P_years": (8.0, 5.0),
    "P_visits": (14.0, 9.0),
    "U_posts": (26.0, 14.0),
    "U_hh": (620.0, 260.0),
    "U_funds": (62.0, 18.0),
    "U_years": (6.0, 4.0),
    "U_staff": (3.0, 1.5),
    "E_n": (11.0, 6.0),
    "E_years": (5.0, 3.5),
    "V_hhsize": (3.6, 1.5),
    "V_resident": (9.5, 3.0),
}


@dataclass(frozen=True)
class Population:
    """A county whose truth is known.

    Everything that is rated is in points of 100 (0 the scale's lowest, 100 its highest answer), so that slopes, levels
    and standard deviations read on the scale on which results are reported.  Names that a questionnaire does not have
    do no harm: the same population serves any instrument, and constructs not named here get no slopes.

    Attributes
    ----------
    townships, villages : int
        Townships, and villages in each.
    sizes : mapping of role to number of respondents
    default_size : int
        Respondents of a role that ``sizes`` does not name.
    slopes : mapping of (cause, consequence) to points per point
        What the places' true values do to each other; the same among townships and among villages of one township.
    outcome : str
        The construct whose causes are asked for.
    levels, default_level : points
        County mean of each construct.
    township_sd, default_township_sd : points
        Spread between townships of what is each construct's own, not passed on by ``slopes``.
    village_sd : points
        The same between the villages of a township.
    respondent_sd : points
        A person's own view of one construct.
    halo_sd : points
        A person's leniency over all constructs.
    group_halo_sd : points
        Leniency that a group shares in one township; independent between groups.
    yes_saying_sd : points
        A person's tendency to agree, whatever the item says; it is what reversed items show.
    leniency : mapping of role to points
        Leniency of a whole group.
    loading, index_loading : float
        Standardised loading of items of scales, and of indices.
    loadings : mapping of item to loading
        Exceptions.
    item_spread : points
        Half the distance between the easiest and the hardest item of a construct.
    noninvariant : (role, item, points) or None
        One item that one group reads differently.
    dont_know, default_dont_know : shares by (role, construct), and of all else
    dont_know_shared : float
        Correlation, over the items of a construct, of what makes a person say "don't know": who cannot judge a matter
        cannot judge most of its items.
    item_nonresponse, text_nonresponse : shares
    straightliners, bots : shares of all rows
    late_pay : (construct, item, points per month) or None
        Pay comes late where the construct is low, and the item falls by so much for each late month.
    late_item : str
        The number item in which a respondent reports late months.
    guesses : mapping of item to construct
        Items that guess how another group sees a construct.
    guess_of : str
        The role whose view is guessed.
    optimism : mapping of role to points
        By how much a group guesses too high.
    benchmark : points
        The level below which people name an aspect as a cause of problems.
    background : mapping of (role or "", item) to weights of the choices
    numbers : mapping of item to (mean, sd)
    background_slopes : mapping of (item, construct) to points per step of the choices
    fee : (logit at a bid of 0, change of the logit per unit)
        Demand in items with an assigned amount.
    """

    townships: int = 12
    villages: int = 5
    sizes: Mapping[str, int] = field(default_factory=lambda: dict(SIZES))
    default_size: int = 100
    slopes: Mapping[Edge, float] = field(default_factory=lambda: dict(SLOPES))
    outcome: str = "SAT"
    levels: Mapping[str, float] = field(default_factory=lambda: dict(LEVELS))
    default_level: float = 62.0
    township_sd: Mapping[str, float] = field(default_factory=lambda: dict(TOWNSHIP_SD))
    default_township_sd: float = 5.0
    village_sd: float = 3.0
    respondent_sd: float = 10.0
    halo_sd: float = 9.0
    group_halo_sd: float = 3.0
    yes_saying_sd: float = 4.0
    leniency: Mapping[str, float] = field(default_factory=lambda: dict(LENIENCY))
    loading: float = 0.75
    index_loading: float = 0.55
    loadings: Mapping[str, float] = field(default_factory=lambda: {"EFS4R": 0.6, "FUN4R": 0.6})
    item_spread: float = 4.0
    noninvariant: tuple[str, str, float] | None = ("villager", "SUP2", -14.0)
    dont_know: Mapping[Edge, float] = field(default_factory=lambda: dict(DONT_KNOW))
    default_dont_know: float = 0.02
    dont_know_shared: float = 0.8
    item_nonresponse: float = 0.01
    text_nonresponse: float = 0.6
    straightliners: float = 0.03
    bots: float = 0.02
    late_pay: tuple[str, str, float] | None = ("FUN", "FUN2", -1.5)
    late_item: str = "H_delay"
    guesses: Mapping[str, str] = field(default_factory=lambda: {"META1": "SAT", "META2": "SAT"})
    guess_of: str = "villager"
    optimism: Mapping[str, float] = field(default_factory=lambda: dict(OPTIMISM))
    benchmark: float = 70.0
    background: Mapping[Edge, tuple[float, ...]] = field(default_factory=lambda: dict(BACKGROUND))
    numbers: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(NUMBERS))
    background_slopes: Mapping[Edge, float] = field(default_factory=lambda: {("age5", "SAT"): 2.0})
    fee: tuple[float, float] = (1.2, -0.15)

    def __post_init__(self) -> None:
        self._check_kinds()
        counts = {"townships": self.townships, "villages": self.villages, "default_size": self.default_size}
        for name, count in {**counts, **{f"sizes['{r}']": n for r, n in self.sizes.items()}}.items():
            if count < 1:
                raise DesignError(
                    f"{name} is {count}.", where="Population", remedy="Give a whole number of at least 1."
                )
        shares = {
            "item_nonresponse": self.item_nonresponse,
            "text_nonresponse": self.text_nonresponse,
            "straightliners + bots": self.straightliners + self.bots,
            "default_dont_know": self.default_dont_know,
            "dont_know_shared": self.dont_know_shared,
            **{f"dont_know[{key}]": share for key, share in self.dont_know.items()},
        }
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise DesignError(f"{name} is {share}.", where="Population", remedy="Give a share between 0 and 1.")
        for name, value in {"loading": self.loading, "index_loading": self.index_loading, **self.loadings}.items():
            if not 0 < value <= 1:
                raise DesignError(
                    f"the loading {name} is {value}.", where="Population", remedy="Give 0 < loading <= 1."
                )
        self.effects()

    def _check_kinds(self) -> None:
        """Raise where a field is not of its kind: these come from files that people write."""
        kinds: dict[str, tuple[type | tuple[type, ...], str]] = {
            "int": (int, "a whole number"),
            "float": ((int, float), "a number"),
            "str": (str, "a word"),
            "Mapping": (Mapping, "a mapping"),
        }
        for each in fields(self):
            kind, words = kinds.get(str(each.type).partition("[")[0], (object, ""))
            value = getattr(self, each.name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise DesignError(f"{each.name} is {value!r}.", where="Population", remedy=f"Give {words}.")
        for role, n in self.sizes.items():
            if not isinstance(n, int):
                raise DesignError(f"sizes['{role}'] is {n!r}.", where="Population", remedy="Give a whole number.")

    def scaled(self, *, townships: int) -> Population:
        """The same county with another number of townships, and as many respondents per township as before."""
        ratio = townships / self.townships
        sizes = {role: max(1, round(n * ratio)) for role, n in self.sizes.items()}
        return replace(self, townships=townships, sizes=sizes, default_size=max(1, round(self.default_size * ratio)))

    def without_slopes(self) -> Population:
        """The same county in which no construct does anything to another."""
        return replace(self, slopes=dict.fromkeys(self.slopes, 0.0))

    @classmethod
    def null(cls) -> Population:
        """S County in which no construct does anything to another; all else as in ``Population()``."""
        return cls().without_slopes()

    @property
    def linked(self) -> tuple[str, ...]:
        """Constructs that ``slopes`` name, and the outcome."""
        return tuple(dict.fromkeys([name for edge in self.slopes for name in edge] + [self.outcome]))

    def effects(self, names: tuple[str, ...] | None = None, *, held: tuple[str, ...] = ()) -> np.ndarray:
        """Total effects between constructs: entry (i, j) is what one point of ``names[j]`` does to ``names[i]``.

        The sum of the products of slopes along all paths, ``(I - B)^-1`` (Bollen 1989, p. 376).

        Parameters
        ----------
        names : tuple of str
            ``linked`` when None; all of ``linked`` must be among them.
        held : tuple of str
            Constructs held fixed: paths into them are cut.

        Raises
        ------
        DesignError
            The slopes run in a circle.
        """
        listed = self.linked if names is None else names
        at = {name: i for i, name in enumerate(listed)}
        b = np.zeros((len(listed), len(listed)))
        for (cause, consequence), slope in self.slopes.items():
            b[at[consequence], at[cause]] = 0.0 if consequence in held else slope
        if np.linalg.matrix_power((b != 0).astype(float), len(listed)).any():
            raise DesignError("the slopes run in a circle.", where="Population", remedy="Remove one of its links.")
        return np.linalg.inv(np.eye(len(listed)) - b)
