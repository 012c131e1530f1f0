"""Forms of the pieces: one factory for all of them."""

import datetime
from functools import cache

from django import forms
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.templatetags.kam_format import NOTHING
from dossiers import controls, tenders
from dossiers.models import DossierRecord
from dossiers.pieces import BY_KEY

# Every form of a piece also says where the knowledge comes from.
PROVENANCE = ("source", "certainty")
# A whole book has five times as many letters; a page that shows more can hardly be read or drawn.
LONGEST_TEXT = 100_000
# Days outside are slips of the pen, and nothing can be counted from the first or the last day there is.
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 12, 31)
NO_DAY = _("Give a day between 1900 and 2200.")
# Forms that are laid out in a way of their own (see `dossiers.fitting`).
LAYOUTS = {"timeline": "dossiers/forms/timeline.html", "tenders": "dossiers/forms/tender.html"}
# What contradicts itself between the fields of a piece: (field, sentence) for each contradiction.
OBJECTIONS = {"tenders": tenders.objections}


class DateInput(forms.DateInput):
    """The browser's own date field: it speaks the person's language and needs no script."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class RecordBoundField(forms.BoundField):
    """A field for a line of text spans the form; short ones stand beside each other."""

    def css_classes(self, extra_classes=None):
        classes = super().css_classes(extra_classes)
        is_line = (
            getattr(self.field, "max_length", None) or 0
        ) >= 200 and self.name not in PROVENANCE
        return f"{classes} wide".strip() if is_line else classes


def _formfield(db_field: models.Field, **kwargs):
    if isinstance(db_field, models.DateField):
        kwargs.setdefault("widget", DateInput())
    if isinstance(db_field, models.TextField):
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
    if isinstance(db_field, models.URLField):
        kwargs.setdefault("assume_scheme", "https")
    field = controls.formfield(db_field, **kwargs) or db_field.formfield(**kwargs)
    controls.explain(db_field, field)
    if isinstance(db_field, models.DateField):
        field.validators += [MinValueValidator(EARLIEST, NO_DAY), MaxValueValidator(LATEST, NO_DAY)]
    if isinstance(db_field, models.TextField):
        # Said by the form and not by the browser, which would cut off what is pasted without a word.
        field.validators += [MaxLengthValidator(LONGEST_TEXT)]
    if (
        isinstance(field, forms.TypedChoiceField)
        and field.choices[:1]
        and field.choices[0][0] == ""
    ):
        field.choices = [("", NOTHING), *field.choices[1:]]
    return field


class RecordForm(controls.Paired, forms.ModelForm):
    """A piece's form. `dossier` bounds what the entry may point to; `version` is what the person saw."""

    bound_field_class = RecordBoundField
    piece_key = ""

    def __init__(self, *args, dossier, **kwargs):
        self.dossier = dossier
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and hasattr(self.instance, "dossier_id"):
            self.instance.dossier = dossier
        for name, field in self.fields.items():
            if not isinstance(field, forms.ModelChoiceField):
                continue
            if field.empty_label is not None:
                field.empty_label = NOTHING
            target = field.queryset.model
            if issubclass(target, DossierRecord):
                field.queryset = target.objects.filter(dossier=dossier)
                if target is self._meta.model and self.instance.pk:
                    field.queryset = field.queryset.exclude(pk=self.instance.pk)
            elif target is User:
                # Somebody who left stays where he stands, but cannot be chosen anew.
                current = getattr(self.instance, f"{name}_id", None)
                field.queryset = User.objects.filter(Q(is_active=True) | Q(pk=current))
            if name == "competitor":
                field.empty_label = _("ourselves")
        self.pair_money()

    def _post_clean(self):
        """Put what was sent into the record and check each field by itself.

        Constraints are left to the database, which alone sees what others write meanwhile, and which
        answers in the one statement that saves (see `editing.store`); asked beforehand, each would
        cost three. What a choice field points to was just fetched from its own bounded choice.
        """
        forms.models.construct_instance(self, self.instance, self._meta.fields)
        relations = {
            name for name, field in self.fields.items() if isinstance(field, forms.ModelChoiceField)
        }
        try:
            self.instance.clean_fields(exclude=self._get_validation_exclusions() | relations)
        except forms.ValidationError as refusal:
            self._update_errors(refusal)

    def clean(self):
        cleaned = super().clean()
        for name in ("reports_to", "parent"):
            if name in self.fields and self.instance.pk:
                _refuse_circle(self, name, cleaned.get(name))
        for name, sentence in OBJECTIONS.get(self.piece_key, no_objections)(self.cleaned_data):
            self.add_error(name, sentence)
        return cleaned


def no_objections(_said) -> tuple:
    return ()


def _refuse_circle(form: RecordForm, name: str, above) -> None:
    """Nobody stands above himself, however many steps lie between."""
    if above is None or above.pk == getattr(form.instance, f"{name}_id"):
        return
    superiors = dict(
        form._meta.model.objects.filter(dossier=form.dossier).values_list("pk", f"{name}_id")
    )
    seen, step = set(), above.pk
    while step is not None and step not in seen:
        seen.add(step)
        if step == form.instance.pk:
            form.add_error(name, _("That would put this entry above itself. Choose another one."))
            return
        step = superiors.get(step)


@cache
def form_for(key: str) -> type[RecordForm]:
    """The form class of a piece, by its key."""
    piece = BY_KEY[key]
    form = forms.modelform_factory(
        piece.model,
        form=RecordForm,
        fields=(*piece.fields, *PROVENANCE),
        formfield_callback=_formfield,
    )
    form.piece_key = key
    if key in LAYOUTS:
        form.template_name = LAYOUTS[key]
    return form
