"""Files that belong to a dossier: served only to those who may read it."""

import unicodedata
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dossiers.models.dossier import Dossier
from dossiers.models.record import DossierRecord, kept
from dossiers.recognising import BY_TYPE

# What one file system or another does not bear in a name.
_NOT_IN_NAMES = frozenset('\\/:*?"<>|')


def place_of(_attachment, _filename) -> str:
    """Where a new file is stored: a name that tells nothing and that nobody can guess."""
    name = uuid.uuid4().hex
    return f"attachments/{name[:2]}/{name}"


@kept
class Attachment(DossierRecord):
    """One file. The stored file outlives the entry, so that a deleted attachment can be brought back."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="attachments")
    file = models.FileField(_("file"), upload_to=place_of, max_length=120)
    name = models.CharField(_("file name"), max_length=200)
    note = models.CharField(
        _("what it is"), max_length=250, blank=True, help_text=_("One line that helps to find it.")
    )
    media_type = models.CharField(max_length=100, editable=False)
    size = models.PositiveIntegerField(_("size"), editable=False)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "sha256"],
                name="one_attachment_per_content",
                violation_error_message=_("This very file is attached to the dossier already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="attachment_has_name",
                violation_error_message=_("A file needs a name."),
            ),
            models.CheckConstraint(
                condition=~Q(file="") & Q(size__gt=0),
                name="attachment_has_file",
                violation_error_message=_("Attach the file itself: a name alone is no attachment."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean_fields(self, exclude=None):
        self.tidy_name()
        super().clean_fields(exclude)

    def tidy_name(self) -> None:
        """A name that every system bears, and that goes on saying what kind of file it is."""
        bare = unicodedata.normalize("NFC", self.name or "")
        bare = "".join(
            " " if letter in _NOT_IN_NAMES or not letter.isprintable() else letter
            for letter in bare
        )
        bare = " ".join(bare.split()).strip(". ")
        kind = BY_TYPE.get(self.media_type)
        if not bare or kind is None:
            self.name = bare
            return
        stem, dot, ending = bare.rpartition(".")
        if not dot or ending.lower() not in kind.endings:
            stem, ending = bare, kind.endings[0]
        room = self._meta.get_field("name").max_length - len(ending) - 1
        self.name = f"{stem[:room].rstrip()}.{ending}"
