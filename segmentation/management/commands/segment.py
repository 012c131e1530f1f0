"""Run an ABC-XYZ segmentation: the same run that the page starts, with its result as one JSON object."""

import datetime
import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from segmentation import exporting, segmenting
from segmentation.models import Measure, XyzMethod
from segmentation.reading import parse_month


class Command(BaseCommand):
    help = "Run an ABC-XYZ segmentation over the monthly sales and store its segments."

    def add_arguments(self, parser):
        parser.add_argument("--start", required=True, metavar="YYYY-MM", help="the first month")
        parser.add_argument("--months", type=int, default=segmenting.DEFAULT_PERIODS)
        parser.add_argument("--measure", choices=Measure.values, default=Measure.REVENUE)
        parser.add_argument("--abc", default="80,95", metavar="A,B", help="limits in per cent")
        parser.add_argument("--xyz", choices=XyzMethod.values, default=XyzMethod.CV)
        parser.add_argument(
            "--limits",
            default="",
            metavar="X,Y",
            help="decimals or fractions: 0.10,0.25 or 10/12,5/12",
        )
        parser.add_argument("--currency", default="", help="needed where the period holds several")
        parser.add_argument(
            "--output", type=Path, metavar="FILE.csv", help="write the segments to a file, too"
        )
        parser.add_argument(
            "--in-force",
            action="store_true",
            help="make it the run that dossiers and portfolio show",
        )

    def handle(self, *args, **options):
        limits = _pair(options["limits"], "--limits") if options["limits"] else None
        try:
            row = segmenting.request(
                start=_month(options["start"]),
                periods=options["months"],
                measure=options["measure"],
                abc=_pair(options["abc"], "--abc"),
                xyz=options["xyz"],
                limits=limits,
                currency=options["currency"],
                comes_into_force=options["in_force"],
            )
        except segmenting.RunRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        row = segmenting.run(row)
        if not row.has_succeeded:
            raise CommandError(row.error)
        if options["output"]:
            try:
                with options["output"].open("w", encoding="utf-8", newline="") as file:
                    file.writelines(exporting.segments_as_csv(row))
            except OSError as error:
                raise CommandError(
                    f"--output: {options['output']} cannot be written ({error.strerror})."
                ) from error
        result = {
            "run": row.pk,
            "counts": row.counts,
            "clients": row.clients,
            "start": f"{row.start:%Y-%m}",
            "periods": row.periods,
            "measure": row.measure,
            "currency": row.currency,
            "in_force": row.in_force,
            "output": str(options["output"]) if options["output"] else None,
            "repeat": row.command,
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _month(text: str) -> datetime.date:
    try:
        return parse_month(text)
    except ValueError as error:
        raise CommandError(f"--start: “{text}” is no month. Write it as 2026-01.") from error


def _pair(text: str, option: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise CommandError(
            f"{option}: “{text}” are not two limits with a comma between, such as 80,95."
        )
    return parts[0], parts[1]
