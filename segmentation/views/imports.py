"""Sales come in: the file, its columns, the preview, the progress, the result."""

from contextlib import suppress
from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.access import may, only_if
from segmentation import jobs, reading, rejects, sniffing, tasks, undoing
from segmentation import sales_import as importing
from segmentation.checking import ColumnsMissing, Reason
from segmentation.import_forms import ColumnsForm, UploadForm
from segmentation.models import JobState, SalesImport
from segmentation.models.sales import FileFormat
from segmentation.reading import Shape, UnreadableFile
from segmentation.tables import sheets_of

PAGE = 25
TYPES_OF_REJECTS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@only_if("see_imports")
@require_http_methods(["GET", "POST"])
def imports(request):
    """All imports, newest first; the analyst uploads the next one here."""
    form = UploadForm()
    if request.method == "POST":
        if not may(request.user, "import_sales"):
            raise PermissionDenied(_("Only analysts import sales."))
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                job = importing.receive(form.cleaned_data["file"], by=request.user)
            except (importing.ImportRefused, UnreadableFile) as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("segmentation:import", job.pk)
    known = (
        SalesImport.objects.visible_to(request.user)
        .select_related("created_by", "undone_by")
        .newest_first()
    )
    page = Paginator(known.defer("log", "columns", "part_starts"), PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "segmentation/imports.html",
        {"page": page, "form": form if may(request.user, "import_sales") else None},
        status=422 if form.errors else 200,
    )


@only_if("see_imports")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def sales_import(request, pk):
    """One import: its columns until it is started, then its progress, then what became of it."""
    job = get_object_or_404(
        SalesImport.objects.visible_to(request.user).select_related(
            "created_by", "undone_by", "supplements"
        ),
        pk=pk,
    )
    if request.method == "POST" or (
        job.state == JobState.UPLOADED and may(request.user, "import_sales")
    ):
        return _columns(request, job)
    template = "segmentation/import.html" + ("#job" if request.htmx else "")
    context = {
        "job": job,
        "reasons": _labelled(job.reasons),
        "told": _told(job),
        **_what_may_be_done(request, job),
    }
    return render(request, template, context)


def _what_may_be_done(request, job) -> dict:
    """Cancelling and taking back, for who may; what stands in the way of it is said before he tries."""
    may_import = may(request.user, "import_sales")
    may_undo = (
        may_import
        and job.has_succeeded
        and not job.undone_at
        and not undoing.is_too_late(job, timezone.localdate())
    )
    return {
        "may_import": may_import,
        "may_undo": may_undo,
        "later": undoing.later_import(job) if may_undo else None,
    }


@only_if("import_sales")
def _columns(request, job):
    """Step 1: how the file is read, with the first lines as they would be taken."""
    refused, status = "", 200
    shape = importing.shape_of(job)
    if request.method == "POST":
        shape = _posted_shape(request, job)
        form = ColumnsForm(request.POST, header=_header(job, shape), shape=shape, **_choices(job))
        if form.is_valid():
            shape = form.shape()
            try:
                job = importing.tell_columns(job, shape, by=request.user)
                if request.POST.get("act") == "start":
                    importing.start(job, by=request.user, ring=tasks.import_sales.delay)
                    return redirect("segmentation:import", job.pk)
            except (importing.ImportRefused, ColumnsMissing, UnreadableFile) as refusal:
                refused, status = str(refusal), 422
        else:
            status = 422
    else:
        form = ColumnsForm(header=_header(job, shape), shape=shape, **_choices(job))
    preview = None
    if not form.errors and not refused:
        try:
            preview = importing.preview(_path(job), shape)
        except (ColumnsMissing, UnreadableFile) as refusal:
            refused = str(refusal)
    context = {
        "job": job,
        "form": form,
        "preview": preview,
        "refused": refused,
        "reasons": _labelled(preview.reasons) if preview else [],
        "remembered": importing.remembered(_header(job, shape)),
        "dates_are_sure": _dates_are_sure(job, shape),
        "source": rejects.source_of(_header(job, shape)),
    }
    template = "segmentation/import_columns.html" + ("#columns" if request.htmx else "")
    return render(request, template, context, status=status)


def _posted_shape(request, job) -> Shape:
    """What was chosen, also while it does not fit together yet: another separator makes other columns."""
    posted = request.POST
    shape = Shape(
        file_format=job.file_format,
        sheets=_posted_sheets(posted, job),
        encoding=posted.get("encoding", "")
        if posted.get("encoding") in reading.ENCODINGS
        else job.encoding,
        delimiter=posted.get("delimiter", "")
        if posted.get("delimiter") in reading.DELIMITERS
        else job.delimiter,
        date_format=job.date_format,
        decimal_mark=job.decimal_mark,
        currency=job.currency,
        columns=job.columns,
        supplements=job.supplements_id,
    )
    request.POST = posted.copy()
    told_nothing = not any(posted.get(f"column_{role}") for role in reading.ROLES)
    looks_otherwise = shape.delimiter != job.delimiter or shape.sheets != tuple(job.sheets)
    if looks_otherwise and set(_header(job, shape)) != set(_header(job, importing.shape_of(job))):
        told_nothing = True
    if told_nothing:
        guessed = sniffing.guess_columns(_header(job, shape))
        for role in reading.ROLES:
            request.POST[f"column_{role}"] = guessed.get(role, "")
    columns = {role: request.POST.get(f"column_{role}", "") for role in reading.ROLES}
    if columns["date"] and any(
        columns[role] != job.columns.get(role, "") for role in ("date", "price", "amount")
    ):
        # Another column may be written otherwise; what the person chose himself stands.
        with suppress(UnreadableFile):
            date_format, _sure, mark = sniffing.guess_writing(
                _path(job), replace(shape, columns=columns)
            )
            if posted.get("date_format") == job.date_format:
                request.POST["date_format"] = date_format
            if posted.get("decimal_mark") == job.decimal_mark:
                request.POST["decimal_mark"] = mark
    return shape


def _choices(job) -> dict:
    """What of the file's own can be chosen: its sheets, and whether it mends an earlier import."""
    try:
        sheets = sheets_of(_path(job)) if job.file_format == FileFormat.XLSX else []
    except UnreadableFile:
        sheets = []
    return {
        "sheets": [sheet for sheet in sheets if sheet.header],
        "source": rejects.source_of(_header(job, importing.shape_of(job))),
    }


def _posted_sheets(posted, job) -> tuple[str, ...]:
    """Those that were ticked, in the order of the workbook; none ticked is no table."""
    if job.file_format != FileFormat.XLSX:
        return ()
    ticked = posted.getlist("sheets")
    try:
        names = [sheet.name for sheet in sheets_of(_path(job)) if sheet.name in ticked]
    except UnreadableFile:
        names = []
    return tuple(names) or tuple(job.sheets)


def _dates_are_sure(job, shape: Shape) -> bool:
    try:
        return sniffing.guess_writing(_path(job), shape)[1] or not shape.columns.get("date")
    except UnreadableFile:
        return True


def _header(job, shape: Shape) -> list[str]:
    try:
        return importing.header_of(_path(job), shape)
    except UnreadableFile:
        return []


def _path(job):
    if not job.file:
        raise Http404
    return importing.path_of(job)


def _labelled(reasons: dict) -> list[tuple[str, int]]:
    """(reason in words, lines), the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    return [(Reason(code).label, count) for code, count in ordered if code in Reason.values]


def _told(job) -> list[tuple[str, str]]:
    """How the file was read: (what, how)."""
    return [
        *(
            (reading.ROLES[role], column)
            for role, column in job.columns.items()
            if role in reading.ROLES
        ),
        (_("Currency of the amounts"), job.currency),
        *(
            [
                (_("Encoding"), reading.ENCODINGS.get(job.encoding, job.encoding)),
                (_("Separator"), reading.DELIMITERS.get(job.delimiter, job.delimiter)),
            ]
            if job.file_format == FileFormat.CSV
            else [(_("Kind of file"), job.get_file_format_display())]
        ),
        *([(_("Sheets"), ", ".join(job.sheets))] if job.sheets else []),
        (_("Dates"), reading.DATE_FORMATS.get(job.date_format, job.date_format)),
        (_("Decimal mark"), reading.DECIMAL_MARKS.get(job.decimal_mark, job.decimal_mark)),
    ]


@only_if("import_sales")
@require_POST
def discard(request, pk):
    job = get_object_or_404(SalesImport.objects.editable_by(request.user), pk=pk)
    try:
        importing.discard(job, by=request.user)
    except importing.ImportRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("segmentation:import", job.pk)
    messages.success(
        request,
        _("%(file)s was discarded; nothing of it was imported.") % {"file": job.original_name},
    )
    return redirect("segmentation:imports")


@only_if("import_sales")
@require_POST
def undo(request, pk):
    """Take an import back."""
    job = get_object_or_404(SalesImport.objects.editable_by(request.user), pk=pk)
    try:
        undone = undoing.undo(job, by=request.user, today=timezone.localdate())
    except undoing.UndoRefused as refusal:
        messages.error(request, str(refusal))
    else:
        tasks.ask_to_look()
        messages.success(request, undoing.sentence(undone))
    return redirect("segmentation:import", job.pk)


@only_if("import_sales")
@require_POST
def cancel(request, pk):
    """Stop an import that waits or runs."""
    job = get_object_or_404(SalesImport.objects.editable_by(request.user), pk=pk)
    try:
        jobs.cancel(job, by=request.user)
    except jobs.JobRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("segmentation:import", job.pk)


@only_if("see_imports")
@require_GET
def rejected(request, pk):
    """The rejected lines, as they came in, with line number and reason; to be mended and imported again.

    What a spreadsheet program would run as a formula has an apostrophe in front, which goes again when the
    mended file comes back.
    """
    job = get_object_or_404(SalesImport.objects.visible_to(request.user), pk=pk)
    if not job.rejects_file:
        raise Http404
    stem = job.original_name.rsplit(".", 1)[0]
    suffix = job.rejects_file.name.rsplit(".", 1)[1]
    return FileResponse(
        job.rejects_file.open("rb"),
        as_attachment=True,
        filename=f"{stem}-rejected.{suffix}",
        content_type=TYPES_OF_REJECTS[suffix],
    )
