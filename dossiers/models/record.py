"""What every piece of a dossier has in common: an author, a version, a source, a freshness."""

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.forms import CheckboxSelectMultiple, TypedMultipleChoiceField
from django.utils.translation import gettext_lazy as _

from accounts.models.versions import version_grows

STALE_AFTER_DAYS = 90


class ChoiceArrayField(ArrayField):
    """Several of a few choices, kept as an array of their values."""

    def formfield(self, **kwargs):
        return models.Field.formfield(
            self,
            **{
                "form_class": TypedMultipleChoiceField,
                "choices": self.base_field.choices,
                "coerce": self.base_field.to_python,
                "widget": CheckboxSelectMultiple,
                **kwargs,
            },
        )


class TagsField(ArrayField):
    """A few short words in their order, written with commas between them. A list of str, empty for nothing."""

    def __init__(self, verbose_name=None, **kwargs):
        kwargs.setdefault("base_field", models.CharField(max_length=80))
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(verbose_name=verbose_name, **kwargs)

    def clean(self, value, model_instance):
        """Blanks trimmed, empty ones and repetitions left out; what stands first stays first."""
        tidy = (" ".join(str(tag).split()) for tag in value or ())
        return super().clean(list(dict.fromkeys(tag for tag in tidy if tag)), model_instance)


class Certainty(models.TextChoices):
    FACT = "fact", _("Fact")
    ASSUMPTION = "assumption", _("Assumption")


class RecordQuerySet(models.QuerySet):
    def visible_to(self, user):
        from_dossiers = self.model._meta.get_field("dossier").related_model.objects.visible_to(user)
        return self.filter(dossier__in=from_dossiers)

    def editable_by(self, user):
        from_dossiers = self.model._meta.get_field("dossier").related_model.objects.editable_by(
            user
        )
        return self.filter(dossier__in=from_dossiers)

    def as_read(self):
        """With whatever a page tells of the entries beside their own fields."""
        return self


class DossierRecord(models.Model):
    """One fact sheet or one list entry of a dossier.

    `version` grows by one with every change, whoever makes it: a trigger does it. The history table
    of each model keeps every version, so the version that a form was opened at tells exactly what the
    person saw (see `dossiers.editing`).
    """

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    source = models.CharField(
        _("source"),
        max_length=200,
        blank=True,
        help_text=_("Where this is known from: a person, a document, a page."),
    )
    certainty = models.CharField(
        _("fact or assumption"), max_length=12, choices=Certainty.choices, default=Certainty.FACT
    )
    confirmed_on = models.DateField(_("last confirmed"), editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def age_in_days(self, *, today) -> int:
        return (today - self.confirmed_on).days

    def is_stale(self, *, today) -> bool:
        return self.age_in_days(today=today) > STALE_AFTER_DAYS


# What changes by itself and is no change that a person made.
HOUSEKEEPING = ("version", "updated_at", "updated_by")


def kept(model):
    """Class decorator of every piece of a dossier: full change history, and the version counter."""
    pgtrigger.register(
        version_grows(),
        # Saying that something still holds is no change of it.
        pgtrigger.Trigger(
            name="time_of_change",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            condition=pgtrigger.AnyChange(exclude=[*HOUSEKEEPING, "confirmed_on", "confirmed_by"]),
            func="NEW.updated_at = clock_timestamp(); RETURN NEW;",
        ),
    )(model)
    return pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
    )(model)


def no_circle(*, table: str, column: str, name: str) -> pgtrigger.Trigger:
    """Nothing stands above itself, however many steps lie between, and however many people write at once.

    The lock on the dossier lets one at a time change who stands above whom; the second then sees what
    the first did, because each statement of a trigger looks anew.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(column),
        when=pgtrigger.Before,
        func=f"""
            IF NEW.{column} IS NULL THEN
                RETURN NEW;
            END IF;
            PERFORM 1 FROM dossiers_dossier WHERE id = NEW.dossier_id FOR NO KEY UPDATE;
            IF EXISTS (
                WITH RECURSIVE above (id, next) AS (
                    SELECT id, {column} FROM {table} WHERE id = NEW.{column}
                    UNION
                    SELECT t.id, t.{column} FROM {table} AS t JOIN above ON t.id = above.next
                )
                SELECT 1 FROM above WHERE NEW.id IN (id, next)
            ) THEN
                RAISE EXCEPTION '{name}: nothing stands above itself'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            RETURN NEW;
        """,
    )
