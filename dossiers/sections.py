"""The sections of a dossier, in the order in which people read them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Section(models.TextChoices):
    GENERAL = "general", _("General information")
    RELATIONSHIP = "relationship", _("The client as we see it")
    DECISION = "decision", _("How they decide")
    COMPETITORS = "competitors", _("Competitors")
    PLAN = "plan", _("Plan")
    FIGURES = "figures", _("Figures")
    ATTACHMENTS = "attachments", _("Attachments")


# Figures come from sales, and files do not age: neither needs going through.
REVIEWED = (
    Section.GENERAL,
    Section.RELATIONSHIP,
    Section.DECISION,
    Section.COMPETITORS,
    Section.PLAN,
)
