from dossiers.models.attachment import Attachment
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
from dossiers.models.ground import Ground, Tie, TieStrength, WhiteSpace
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
from dossiers.models.sent_form import SentForm
from dossiers.models.survey import SurveyAnswer, SurveyKind
from dossiers.models.tender import Tender, TenderOutcome, TenderReason

__all__ = [
    "Action", "Assessment", "Attachment", "BudgetLine", "Certainty", "ClientType", "Competitor", "Concern",
    "Contract", "Criterion", "CriterionScore", "DmuRole", "Dossier", "DossierRecord", "EarlierSupplier",
    "FinancialYear", "GeneralInformation", "Ground", "HeadcountYear", "InfluenceLine", "KeyClient", "Level",
    "Loyalty", "MarketParty", "Notice", "Objective", "Occasion", "Opportunity", "OrgUnit", "PartyKind", "Plan",
    "ProcessStep", "Readiness", "Relationship", "Review", "ReviewSection", "ReviewState", "SentForm",
    "StaffPosition", "Stakeholder", "Stance", "SurveyAnswer", "SurveyKind", "Tender", "TenderOutcome",
    "TenderReason", "Tie", "TieStrength", "TimelineEntry", "TimelineKind", "Tone", "WhiteSpace", "WorkState",
]  # fmt: skip
