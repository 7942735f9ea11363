"""What every fitted model answers about its coefficients: marginal means, contrasts, joint tests of hypotheses."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from sgsurvey.models.coefficient_sentences import TOLD
from sgsurvey.models.hypotheses import JointTest, joint_test
from sgsurvey.models.marginal_means import (
    ContrastAdjustment,
    Contrasts,
    LinearModel,
    MarginalMeans,
    contrasts,
    linear_means,
)
from sgsurvey.models.reference_grid import At, Over, ReferenceGrid, reference_grid
from sgsurvey.tables.inline import Inline


class FittedModel(Inline):
    """A result with coefficients of predictors; ``conf_level`` is that of its intervals."""

    conf_level: float

    @property
    @abstractmethod
    def _linear(self) -> LinearModel:
        """Design, coefficients and covariance."""

    def _grid(self, by: str | Sequence[str], at: At | None, over: Over) -> ReferenceGrid:
        return reference_grid(self._linear.design, by, at, over)

    inline_columns = TOLD

    def means(self, by: str | Sequence[str], *, at: At | None = None, over: Over = "equal") -> MarginalMeans:
        """Means of the outcome where the predictors ``by`` are held (estimated marginal means; in an average group).

        Parameters
        ----------
        by : str or sequence of str
            Categories of the model, or numbers with their values in ``at``.
        at : mapping of name to values, optional
        over : "equal" or "sample"
            Other categories count equally and other numbers stand at their mean, or everybody keeps their own.
        """
        return linear_means(self._linear, self._grid(by, at, over), over, self.basis, self.conf_level)

    def contrasts(
        self,
        by: str | Sequence[str],
        *,
        against: object = None,
        weights: Mapping[str, Sequence[float]] | None = None,
        adjust: ContrastAdjustment = "holm",
        at: At | None = None,
        over: Over = "equal",
    ) -> Contrasts:
        """Differences of marginal means, each with degrees of freedom of its own, and the test of all of them.

        For categories they are differences of the linear predictor: log odds for the logit, with odds ratios.

        Parameters
        ----------
        by, at, over :
            As in ``means``.
        against : object, optional
            The cell that the others are compared with; all pairs where neither it nor ``weights`` is given.
        weights : mapping of name to sequence of float, optional
            Combinations of the cells, each with sum 0.
        adjust : "holm", "BH", "tukey" or "none"
        """
        return contrasts(
            self._linear, self._grid(by, at, over), self.basis, self.conf_level, over=over, against=against,
            weights=weights, adjust=adjust,
        )  # fmt: skip

    def test(self, hypotheses: str | Sequence[str]) -> JointTest:
        """Test linear hypotheses one by one and together: ``["FUN = MGT", "SUP", "C(age5)"]`` (0 where no '=').

        Under CR2 the joint test is the approximate Hotelling test (Pustejovsky and Tipton 2018).
        """
        return joint_test(self._linear, hypotheses, self.basis)
