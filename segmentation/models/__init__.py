from segmentation.models.jobs import JobState
from segmentation.models.runs import Measure, Segment, SegmentationRun, XyzMethod
from segmentation.models.sales import (
    ImportMapping,
    MonthlySales,
    SalesDocument,
    SalesImport,
    SalesLine,
)
from segmentation.models.selection import SelectionDecision

__all__ = [
    "ImportMapping",
    "JobState",
    "Measure",
    "MonthlySales",
    "SalesDocument",
    "SalesImport",
    "SalesLine",
    "Segment",
    "SegmentationRun",
    "SelectionDecision",
    "XyzMethod",
]
