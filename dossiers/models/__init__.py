from dossiers.models.competition import Competitor, Criterion, CriterionScore
from dossiers.models.decision_unit import (
    Concern,
    DmuRole,
    InfluenceLine,
    Loyalty,
    ProcessStep,
    Readiness,
    Stakeholder,
    Stance,
)
from dossiers.models.dossier import ClientType, Dossier
from dossiers.models.general import (
    FinancialYear,
    GeneralInformation,
    HeadcountYear,
    MarketParty,
    OrgUnit,
    PartyKind,
    StaffPosition,
)
from dossiers.models.key_client import KeyClient
from dossiers.models.plan import Action, Objective, Plan, WorkState
from dossiers.models.record import Certainty, DossierRecord
from dossiers.models.relationship import (
    Assessment,
    BudgetLine,
    Contract,
    EarlierSupplier,
    Level,
    Opportunity,
    Relationship,
    TimelineEntry,
    TimelineKind,
    Tone,
)
from dossiers.models.review import Notice, Occasion, Review, ReviewSection, ReviewState

__all__ = [
    "Action", "Assessment", "BudgetLine", "Certainty", "ClientType", "Competitor", "Concern", "Contract",
    "Criterion", "CriterionScore", "DmuRole", "Dossier", "DossierRecord", "EarlierSupplier", "FinancialYear",
    "GeneralInformation", "HeadcountYear", "InfluenceLine", "KeyClient", "Level", "Loyalty", "MarketParty", "Notice",
    "Objective", "Occasion", "Opportunity", "OrgUnit", "PartyKind", "Plan", "ProcessStep", "Readiness",
    "Relationship", "Review", "ReviewSection", "ReviewState", "StaffPosition", "Stakeholder", "Stance",
    "TimelineEntry", "TimelineKind", "Tone", "WorkState",
]  # fmt: skip
