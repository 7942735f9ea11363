"""sgsurvey: a stakeholder survey from its questionnaire to the tables of a thesis.

Every public name, in the order of a study.  Names are loaded on first use, so that ``import sgsurvey`` is quick.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    # define, read
    "read_questionnaire": "questionnaire.load",
    "Questionnaire": "questionnaire.model",
    "Text": "text",
    "write_form": "forms.write",
    "codebook": "forms.codebook",
    "read_responses": "ingest.read",
    "ReadOptions": "ingest.options",
    "responses": "answers.from_frame",
    "Responses": "answers.responses",
    "load": "answers.parquet",
    "Design": "answers.design",
    "Moments": "answers.moments",
    "Counts": "answers.moments",
    "read_study": "pipeline.study",
    "Population": "answers.population",
    "simulate": "answers.simulate",
    # draw and weigh
    "Goal": "sampling.goals",
    "Group": "sampling.size",
    "size_rules": "sampling.size_rules",
    "sample_size": "sampling.size",
    "power_of_priorities": "causes.power",
    "allocate": "sampling.allocate",
    "draw": "sampling.draw",
    "field_report": "sampling.field",
    "survey_design": "answers.survey_design",
    "Replicates": "answers.design",
    "PPS": "answers.design",
    "nonresponse": "weighting.nonresponse",
    "poststratify": "weighting.poststratify",
    "rake": "weighting.rake",
    "calibrate": "weighting.calibrate",
    "trim": "weighting.trim",
    "replicate_weights": "weighting.replicates",
    "weight_effects": "weighting.effects",
    "mean": "descriptives.population",
    "total": "descriptives.population",
    "proportion": "descriptives.population",
    "ratio": "descriptives.population",
    "quantile": "descriptives.population",
    "variance": "descriptives.population",
    "chi_square": "descriptives.independence",
    "screen": "quality.screen",
    "Cutoffs": "quality.cutoffs",
    "flow": "quality.flow",
    "missing": "quality.missing",
    "impute": "quality.impute",
    "ChainedEquations": "quality.imputation_model",
    "compare_entries": "quality.double_entry",
    "compare_imports": "quality.reimport",
    "disclosure_risk": "quality.privacy",
    "shareable": "quality.sharing",
    # describe
    "frequencies": "descriptives.frequencies",
    "multiple_response": "descriptives.multiple",
    "rank_agreement": "descriptives.rank_agreement",
    "describe": "descriptives.summary",
    "describe_scales": "descriptives.summary",
    "compare": "descriptives.compare",
    "compare_waves": "descriptives.waves",
    "likert": "descriptives.likert",
    "CodingFrame": "answers.coding_frame",
    "coding_sheet": "ingest.coding_sheet",
    "read_coding": "ingest.read_coding",
    "coder_agreement": "measurement.coder_agreement",
    "themes": "descriptives.themes",
    "keyword_in_context": "descriptives.keywords",
    # measure
    "reliability": "measurement.reliability",
    "ReliabilityInterval": "measurement.reliability_intervals",
    "correlations": "measurement.correlations",
    "adequacy": "measurement.adequacy",
    "retention": "measurement.retention",
    "cfa": "measurement.cfa",
    "invariance": "measurement.invariance",
    "Invariance": "measurement.invariance",
    "efa": "measurement.efa",
    "EFA": "measurement.factor_solution",
    "Extraction": "measurement.extractions",
    "by_group": "measurement.by_group",
    "sem": "measurement.cfa",
    "pls": "measurement.pls",
    "SEM": "measurement.sem",
    "compare_models": "measurement.model_comparison",
    "bootstrap_model": "measurement.sem_bootstrap",
    "StructuralModel": "measurement.parameters",
    "Rotation": "measurement.rotations",
    "discrimination": "measurement.discrimination",
    "select_items": "measurement.selection",
    "ItemRules": "measurement.item_rules",
    "agreement": "measurement.agreement",
    "Correlation": "measurement.factor_sample",
    "CorrelationMatrix": "measurement.correlation_matrix",
    "retest": "measurement.retest",
    "content_validity": "measurement.content_validity",
    "htmt": "measurement.htmt",
    "validity": "measurement.validity",
    "method_bias": "measurement.method_bias",
    "known_groups": "descriptives.known_groups",
    "criterion": "measurement.criterion",
    # model
    "ols": "models.ols",
    "hierarchical": "models.hierarchical",
    "wild_bootstrap": "models.wild_bootstrap",
    "logit": "models.binary",
    "ordered": "models.ordered",
    "multilevel": "models.multilevel",
    "Grouping": "models.grouped",
    "ordered_multilevel": "models.ordered_multilevel",
    "dominance": "models.dominance",
    "willingness_to_pay": "models.willingness",
    "errors_in_variables": "models.errors_in_variables",
    "oaxaca": "models.oaxaca",
    "ordinal_dominance": "models.ordinal_dominance",
    "moderation": "models.moderation",
    "mediation": "models.mediation",
    "diagnostics": "models.diagnostics",
    "model_table": "models.model_table",
    "Moderator": "models.moderated_chain",
    "EffectInterval": "models.effect_intervals",
    # judge
    "equivalence": "causes.equivalence",
    "Hypothesis": "causes.hypothesis_summary",
    "hypothesis_summary": "causes.hypothesis_summary",
    "shortfall": "causes.shortfall",
    "Benchmark": "causes.benchmarks",
    "gaps": "causes.gaps",
    "robustness": "causes.robustness",
    "misperception": "causes.misperception",
    "drivers": "causes.drivers",
    "priorities": "causes.priorities",
    "importance": "causes.importance",
    "Lever": "causes.levers",
    "countermeasures": "causes.countermeasures",
    # pages
    "Table": "tables.table",
    "Report": "report.report",
    "overclaims": "report.overclaims",
    "SurveyError": "errors",
    "QuestionnaireError": "errors",
    "DataError": "errors",
    "DesignError": "errors",
    "EstimationError": "errors",
    "ClaimError": "errors",
}

__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from sgsurvey.answers.coding_frame import CodingFrame
    from sgsurvey.answers.design import PPS, Design, Replicates
    from sgsurvey.answers.from_frame import responses
    from sgsurvey.answers.moments import Counts, Moments
    from sgsurvey.answers.parquet import load
    from sgsurvey.answers.population import Population
    from sgsurvey.answers.responses import Responses
    from sgsurvey.answers.simulate import simulate
    from sgsurvey.answers.survey_design import survey_design
    from sgsurvey.causes.benchmarks import Benchmark
    from sgsurvey.causes.countermeasures import countermeasures
    from sgsurvey.causes.drivers import drivers
    from sgsurvey.causes.equivalence import equivalence
    from sgsurvey.causes.gaps import gaps
    from sgsurvey.causes.hypothesis_summary import Hypothesis, hypothesis_summary
    from sgsurvey.causes.importance import importance
    from sgsurvey.causes.levers import Lever
    from sgsurvey.causes.misperception import misperception
    from sgsurvey.causes.power import power_of_priorities
    from sgsurvey.causes.priorities import priorities
    from sgsurvey.causes.robustness import robustness
    from sgsurvey.causes.shortfall import shortfall
    from sgsurvey.descriptives.compare import compare
    from sgsurvey.descriptives.frequencies import frequencies
    from sgsurvey.descriptives.independence import chi_square
    from sgsurvey.descriptives.keywords import keyword_in_context
    from sgsurvey.descriptives.known_groups import known_groups
    from sgsurvey.descriptives.likert import likert
    from sgsurvey.descriptives.multiple import multiple_response
    from sgsurvey.descriptives.population import mean, proportion, quantile, ratio, total, variance
    from sgsurvey.descriptives.rank_agreement import rank_agreement
    from sgsurvey.descriptives.summary import describe, describe_scales
    from sgsurvey.descriptives.themes import themes
    from sgsurvey.descriptives.waves import compare_waves
    from sgsurvey.errors import ClaimError, DataError, DesignError, EstimationError, QuestionnaireError, SurveyError
    from sgsurvey.forms.codebook import codebook
    from sgsurvey.forms.write import write_form
    from sgsurvey.ingest.coding_sheet import coding_sheet
    from sgsurvey.ingest.options import ReadOptions
    from sgsurvey.ingest.read import read_responses
    from sgsurvey.ingest.read_coding import read_coding
    from sgsurvey.measurement.adequacy import adequacy
    from sgsurvey.measurement.agreement import agreement
    from sgsurvey.measurement.by_group import by_group
    from sgsurvey.measurement.cfa import cfa, sem
    from sgsurvey.measurement.coder_agreement import coder_agreement
    from sgsurvey.measurement.content_validity import content_validity
    from sgsurvey.measurement.correlation_matrix import CorrelationMatrix
    from sgsurvey.measurement.correlations import correlations
    from sgsurvey.measurement.criterion import criterion
    from sgsurvey.measurement.discrimination import discrimination
    from sgsurvey.measurement.efa import efa
    from sgsurvey.measurement.extractions import Extraction
    from sgsurvey.measurement.factor_sample import Correlation
    from sgsurvey.measurement.factor_solution import EFA
    from sgsurvey.measurement.htmt import htmt
    from sgsurvey.measurement.invariance import Invariance, invariance
    from sgsurvey.measurement.item_rules import ItemRules
    from sgsurvey.measurement.method_bias import method_bias
    from sgsurvey.measurement.model_comparison import compare_models
    from sgsurvey.measurement.parameters import StructuralModel
    from sgsurvey.measurement.pls import pls
    from sgsurvey.measurement.reliability import reliability
    from sgsurvey.measurement.reliability_intervals import ReliabilityInterval
    from sgsurvey.measurement.retention import retention
    from sgsurvey.measurement.retest import retest
    from sgsurvey.measurement.rotations import Rotation
    from sgsurvey.measurement.selection import select_items
    from sgsurvey.measurement.sem import SEM
    from sgsurvey.measurement.sem_bootstrap import bootstrap_model
    from sgsurvey.measurement.validity import validity
    from sgsurvey.models.binary import logit
    from sgsurvey.models.diagnostics import diagnostics
    from sgsurvey.models.dominance import dominance
    from sgsurvey.models.effect_intervals import EffectInterval
    from sgsurvey.models.errors_in_variables import errors_in_variables
    from sgsurvey.models.grouped import Grouping
    from sgsurvey.models.hierarchical import hierarchical
    from sgsurvey.models.mediation import mediation
    from sgsurvey.models.model_table import model_table
    from sgsurvey.models.moderated_chain import Moderator
    from sgsurvey.models.moderation import moderation
    from sgsurvey.models.multilevel import multilevel
    from sgsurvey.models.oaxaca import oaxaca
    from sgsurvey.models.ols import ols
    from sgsurvey.models.ordered import ordered
    from sgsurvey.models.ordered_multilevel import ordered_multilevel
    from sgsurvey.models.ordinal_dominance import ordinal_dominance
    from sgsurvey.models.wild_bootstrap import wild_bootstrap
    from sgsurvey.models.willingness import willingness_to_pay
    from sgsurvey.pipeline.study import read_study
    from sgsurvey.quality.cutoffs import Cutoffs
    from sgsurvey.quality.double_entry import compare_entries
    from sgsurvey.quality.flow import flow
    from sgsurvey.quality.imputation_model import ChainedEquations
    from sgsurvey.quality.impute import impute
    from sgsurvey.quality.missing import missing
    from sgsurvey.quality.privacy import disclosure_risk
    from sgsurvey.quality.reimport import compare_imports
    from sgsurvey.quality.screen import screen
    from sgsurvey.quality.sharing import shareable
    from sgsurvey.questionnaire.load import read_questionnaire
    from sgsurvey.questionnaire.model import Questionnaire
    from sgsurvey.report.overclaims import overclaims
    from sgsurvey.report.report import Report
    from sgsurvey.sampling.allocate import allocate
    from sgsurvey.sampling.draw import draw
    from sgsurvey.sampling.field import field_report
    from sgsurvey.sampling.goals import Goal
    from sgsurvey.sampling.size import Group, sample_size
    from sgsurvey.sampling.size_rules import size_rules
    from sgsurvey.tables.table import Table
    from sgsurvey.text import Text
    from sgsurvey.weighting.calibrate import calibrate
    from sgsurvey.weighting.effects import weight_effects
    from sgsurvey.weighting.nonresponse import nonresponse
    from sgsurvey.weighting.poststratify import poststratify
    from sgsurvey.weighting.rake import rake
    from sgsurvey.weighting.replicates import replicate_weights
    from sgsurvey.weighting.trim import trim


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'sgsurvey' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"sgsurvey.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
