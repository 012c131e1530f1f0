"""Import sales from a file: the same import that the page starts, with its result as one JSON object."""

import codecs
import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from segmentation import sales_import
from segmentation.checking import ColumnsMissing
from segmentation.reading import DATE_FORMATS, DECIMAL_MARKS, ROLES, UnreadableFile, parse_columns


class Command(BaseCommand):
    help = "Import sales from a CSV, XLSX or Parquet file. Documents that came in before are replaced whole, equal ones left alone."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--columns",
            default="",
            help="which column is what, as client=CustomerID,date=InvoiceDate,document=InvoiceNo,quantity=Quantity,"
            f"price=UnitPrice; known are {', '.join(ROLES)}; left out: as remembered for this header, or guessed",
        )
        parser.add_argument(
            "--encoding", default="", help="as Python names it; left out: seen from the file"
        )
        parser.add_argument(
            "--delimiter", default="", help="one character; left out: seen from the file"
        )
        parser.add_argument("--date-format", default="", choices=["", *DATE_FORMATS])
        parser.add_argument("--decimal-mark", default="", choices=["", *DECIMAL_MARKS])
        parser.add_argument(
            "--currency", default="", help="three letters; left out: as remembered, or the setting"
        )
        parser.add_argument(
            "--sheet",
            action="append",
            default=[],
            metavar="NAME",
            help="of a workbook, once for each that is to be read; left out: all with the header of the likeliest",
        )
        parser.add_argument(
            "--as-new",
            action="store_true",
            help="let mended rejected lines replace their documents, as any other file does, instead of adding to them",
        )
        parser.add_argument(
            "--by", default="", metavar="EMAIL", help="the analyst in whose name it is done"
        )

    def handle(self, *args, **options):
        try:
            job = sales_import.import_file(
                options["file"],
                columns=_columns(options["columns"]),
                encoding=_encoding(options["encoding"]),
                delimiter=options["delimiter"].replace("\\t", "\t"),
                date_format=options["date_format"],
                decimal_mark=options["decimal_mark"],
                currency=options["currency"].upper(),
                sheets=options["sheet"],
                may_mend=not options["as_new"],
                by=_person(options["by"]),
            )
        except (sales_import.ImportRefused, UnreadableFile, ColumnsMissing) as refusal:
            raise CommandError(str(refusal)) from refusal
        if not job.has_succeeded:
            raise CommandError(job.error)
        result = {
            "import": job.pk,
            "format": job.file_format,
            "sheets": job.sheets,
            "supplements": job.supplements_id,
            "read": job.read,
            "accepted": job.accepted,
            "rejected": job.rejected,
            "reasons": job.reasons,
            "new_documents": job.new_documents,
            "replaced_documents": job.replaced_documents,
            "unchanged_documents": job.unchanged_documents,
            "overlapping_documents": job.overlapping_documents,
            "new_clients": job.new_clients,
            "rejects_file": job.rejects_file.path if job.rejects_file else None,
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def _columns(text: str) -> dict[str, str]:
    try:
        return parse_columns(text)
    except ValueError as error:
        raise CommandError(f"--columns: {error}") from error


def _encoding(name: str) -> str:
    if not name:
        return ""
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise CommandError(f"--encoding: Python knows no encoding “{name}”.") from error


def _person(email: str) -> User | None:
    if not email:
        return None
    person = User.objects.active().filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"--by: nobody with the address {email} may sign in.")
    return person
