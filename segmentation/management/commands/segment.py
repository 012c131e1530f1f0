"""Run an ABC-XYZ segmentation: the same run that the page starts, with its result as one JSON object."""

import datetime
import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from segmentation import abc_xyz, exporting, periods, segmenting
from segmentation.models import Measure, Unit, XyzMethod


class Command(BaseCommand):
    help = "Run an ABC-XYZ segmentation over the monthly sales and store its segments."

    def add_arguments(self, parser):
        parser.add_argument(
            "--start",
            required=True,
            metavar="PERIOD",
            help="the first period: 2026-01, 2026-Q1, 2026-W01, or any day of it",
        )
        parser.add_argument("--unit", choices=Unit.values, default=Unit.MONTH)
        parser.add_argument(
            "--months",
            "--periods",
            dest="months",
            type=int,
            default=segmenting.DEFAULT_PERIODS,
            help="how many months, or periods of the unit",
        )
        parser.add_argument("--measure", choices=Measure.values, default=Measure.REVENUE)
        parser.add_argument(
            "--abc",
            default="80,95",
            metavar="A,B",
            help="limits in per cent, or “computed” (ABC analysis after Ultsch)",
        )
        parser.add_argument("--xyz", choices=XyzMethod.values, default=XyzMethod.CV)
        parser.add_argument(
            "--limits",
            default="",
            metavar="X,Y",
            help="decimals or fractions: 0.10,0.25 or 10/12,5/12",
        )
        parser.add_argument(
            "--min-history",
            type=int,
            default=0,
            metavar="N",
            help="clients with fewer periods since their first sale get the letter N",
        )
        for name in segmenting.SCOPE_FIELDS:
            parser.add_argument(f"--{name}", default="", help=f"only the clients of one {name}")
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
        computed = options["abc"].strip() == abc_xyz.COMPUTED
        try:
            row = segmenting.request(
                start=_start(options["unit"], options["start"]),
                unit=options["unit"],
                periods=options["months"],
                measure=options["measure"],
                abc=abc_xyz.COMPUTED if computed else _pair(options["abc"], "--abc"),
                xyz=options["xyz"],
                limits=limits,
                min_history=options["min_history"],
                currency=options["currency"],
                comes_into_force=options["in_force"],
                **{name: options[name] for name in segmenting.SCOPE_FIELDS},
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
            "start": periods.code(row.unit, row.start),
            "unit": row.unit,
            "periods": row.periods,
            "measure": row.measure,
            "currency": row.currency,
            "abc": [f"{row.abc_a.normalize():f}", f"{row.abc_b.normalize():f}"],
            "scope": {name: getattr(row, name) for name in segmenting.SCOPE_FIELDS},
            "policy": row.policy_id,
            "in_force": row.in_force,
            "output": str(options["output"]) if options["output"] else None,
            "repeat": row.command,
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _start(unit: str, text: str) -> datetime.date:
    try:
        return periods.parse(unit, text)
    except periods.NoPeriod as error:
        raise CommandError(
            f"--start: “{text}” is no {unit}. Write it as 2026-01, 2026-Q1 or 2026-W01."
        ) from error


def _pair(text: str, option: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise CommandError(
            f"{option}: “{text}” are not two limits with a comma between, such as 80,95."
        )
    return parts[0], parts[1]
