from segmentation.models.jobs import JobState
from segmentation.models.matching import ClientMerge, DoubtfulMatch, LedgerNumber, MovedLine
from segmentation.models.policy import CellAction, Policy
from segmentation.models.runs import AbcBy, Measure, Segment, SegmentationRun, Unit, XyzMethod
from segmentation.models.sales import (
    FileFormat,
    ImportMapping,
    MonthlySales,
    ReplacedDocument,
    ReplacedLine,
    SalesDocument,
    SalesImport,
    SalesLine,
)
from segmentation.models.selection import (
    CriterionScore,
    Qualification,
    SelectionDecision,
    TypeProposal,
)
from segmentation.models.slipping import (
    Loss,
    Rhythm,
    SlippingEpisode,
    SlippingNotice,
    WinBackMeasure,
)

__all__ = [
    "AbcBy",
    "CellAction",
    "ClientMerge",
    "CriterionScore",
    "DoubtfulMatch",
    "FileFormat",
    "ImportMapping",
    "JobState",
    "LedgerNumber",
    "Loss",
    "Measure",
    "MonthlySales",
    "MovedLine",
    "Policy",
    "Qualification",
    "ReplacedDocument",
    "ReplacedLine",
    "Rhythm",
    "SalesDocument",
    "SalesImport",
    "SalesLine",
    "Segment",
    "SegmentationRun",
    "SelectionDecision",
    "SlippingEpisode",
    "SlippingNotice",
    "TypeProposal",
    "Unit",
    "WinBackMeasure",
    "XyzMethod",
]
