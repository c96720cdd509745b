"""Tables of sales: pipelines with their stages, leads and who gets them, deals and what belongs to them."""

from .deals import Deal, DealCompetitor, DealContact, DealLine, DealSplit, StageVisit
from .forms import LeadForm
from .leads import Absence, Lead, LeadRule, LeadRuleMember, Question
from .pipelines import LossReason, Pipeline, Stage, StageCheck, StageStep
from .scores import Chances, ScoreRule

__all__ = [
    "Absence",
    "Chances",
    "Deal",
    "DealCompetitor",
    "DealContact",
    "DealLine",
    "DealSplit",
    "Lead",
    "LeadForm",
    "LeadRule",
    "LeadRuleMember",
    "LossReason",
    "Pipeline",
    "Question",
    "ScoreRule",
    "Stage",
    "StageCheck",
    "StageStep",
    "StageVisit",
]
