"""Against what?  A benchmark: declared points, a mean from elsewhere, or what these answers say themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sgsurvey.answers.responses import Responses
from sgsurvey.causes.benchmark_rules import BestQuartile, Expectation, OwnMean, Previous, Reported, Rule, Target
from sgsurvey.errors import DesignError


@dataclass(frozen=True)
class Benchmark:
    """What ratings are held against by ``sg.shortfall(…, benchmark=)``; made by one of its methods.

    Attributes
    ----------
    rule : Rule
        The way in which the benchmark comes about.

    Examples
    --------
    ``sg.Benchmark.expectation({"EFS": "EXP_EFS"})``, ``sg.Benchmark.best_quartile(seed=1)``
    """

    rule: Rule

    @classmethod
    def target(cls, points: float | Mapping[str, float]) -> Benchmark:
        """Points of 100 that were declared, for all or by construct; a number alone means the same."""
        return cls(Target(points))

    @classmethod
    def reported(
        cls,
        mean: float | Mapping[str, float],
        std_error: float | Mapping[str, float],
        *,
        df: float = float("inf"),
    ) -> Benchmark:
        """A mean in points that was estimated from another sample, of which only the numbers are at hand.

        Parameters
        ----------
        mean, std_error : float or mapping of construct to float
            Both in points of 100, above 0.
        df : float
            Degrees of freedom of the standard errors.
        """
        return cls(Reported(mean, std_error, df))

    @classmethod
    def previous(cls, answers: Responses) -> Benchmark:
        """The mean of the same group in the wave before, whose standard error counts.

        The waves are taken as independent samples: where the same places or persons were asked again, errors are too
        large rather than too small.  For changes within persons see ``sg.compare_waves(…, id=)``.

        Parameters
        ----------
        answers : Responses
            With the same constructs, groups and clusters, and a design of its own.
        """
        if not isinstance(answers, Responses):
            raise DesignError(
                "the wave before is no Responses.",
                where="Benchmark.previous",
                remedy="Read it with sgsurvey.read_responses() or sgsurvey.responses(); for numbers use reported().",
            )
        return cls(Previous(answers))

    @classmethod
    def expectation(cls, items: Mapping[str, str]) -> Benchmark:
        """What each respondent expected, subtracted person by person.

        Parameters
        ----------
        items : mapping of construct to item or construct
            ``{"EFS": "EXP_EFS"}``; each is brought to points by its own limits.
        """
        return cls(Expectation(dict(items)))

    @classmethod
    def own_mean(cls) -> Benchmark:
        """Each respondent's mean of the compared constructs (ipsative): leniency and halo cancel, the level is lost.

        The shortfalls of all constructs add to 0.
        """
        return cls(OwnMean())

    @classmethod
    def best_quartile(cls, *, seed: int, splits: int = 200) -> Benchmark:
        """The mean of the best quarter of places, chosen and estimated on different halves of each place's answers.

        Taken naively a best quarter is selected on noise: places that are all alike show a shortfall of more than ten
        points at five answers each.  Here it is 0 in expectation.  Chosen by half of the answers, the quarter lies
        somewhat below the truly best one.  Errors are those of a jackknife over places, with a quarter of their number
        as degrees of freedom: by simulation (``tests/benchmarks/shortfall.py``) a false "problem" comes up in at most 2
        of 100 samples, a false "no problem" in 4 to 7 of 100, where 5 are allowed.

        Parameters
        ----------
        seed : int
        splits : int
            Random splits of the answers of each place.
        """
        return cls(BestQuartile(seed, splits))


def as_benchmark(given: float | Mapping[str, float] | Benchmark) -> Benchmark:
    """A number or a mapping is a target."""
    return given if isinstance(given, Benchmark) else Benchmark.target(given)


def declared_points(given: float | Mapping[str, float] | Benchmark, names: Sequence[str]) -> dict[str, float]:
    """The points of each name, for verbs that take no other benchmark.

    Raises
    ------
    DesignError
        It is no target, or has no points above 0, up to 100, for a name.
    """
    rule = as_benchmark(given).rule
    if not isinstance(rule, Target):
        raise DesignError(
            "only points that were declared can be a benchmark here.",
            where="benchmark=",
            remedy="Give points of 100, such as 70; see sgsurvey.shortfall() for other benchmarks.",
        )
    return {name: rule.number(name) for name in names}
