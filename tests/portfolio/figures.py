"""A run in force with a few segments, for pages that show them."""

import datetime
from decimal import Decimal

from accounts.models import Client
from segmentation.models import Segment, SegmentationRun


def run_in_force() -> SegmentationRun:
    return SegmentationRun.objects.filter(in_force=True).first() or SegmentationRun.objects.create(
        start=datetime.date(2025, 11, 1),
        currency="EUR",
        state="succeeded",
        in_force=True,
        put_in_force_at=datetime.datetime(2026, 11, 1, 8, tzinfo=datetime.UTC),
    )


def segment(client: Client, letters: str, *, share: str = "0.01", previous: str = "") -> Segment:
    run = run_in_force()
    return Segment.objects.create(
        run=run,
        client=client,
        rank=run.segments.count() + 1,
        abc=letters[0],
        xyz=letters[1],
        previous=previous,
        total=Decimal(share) * 1_000_000,
        documents=12,
        active_periods=12,
        history_periods=12,
        share_before=0,
        share=Decimal(share),
        nets=[Decimal(share) * 1_000_000 / 12] * 12,
    )
