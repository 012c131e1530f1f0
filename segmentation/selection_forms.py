"""Forms of the selection: a score with its reason, the three Ps, a new prospect, a decision."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from accounts.models.client import Stage
from segmentation import judging, selecting
from segmentation.criteria import Criterion
from segmentation.models import Qualification
from segmentation.models.selection import LeadSource


class SelectionFilter(forms.Form):
    """What to show of the list; a value that is not known shows those to choose from."""

    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=[
            ("", gettext_lazy("all to choose from")),
            (Stage.CANDIDATE, gettext_lazy("candidates")),
            (Stage.PROSPECT, gettext_lazy("prospects")),
            (Stage.REGULAR, gettext_lazy("regular clients")),
            ("key", gettext_lazy("key clients")),
            ("all", gettext_lazy("all with the key clients")),
        ],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )
    q = forms.CharField(label=gettext_lazy("Name or number"), required=False, max_length=100)


def scale(steps: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """[("0", "0 – speaks against it"), …]"""
    return [(str(score), f"{score} – {words}") for score, words in steps]


class JudgeForm(forms.Form):
    score = forms.TypedChoiceField(
        label=gettext_lazy("Score"), coerce=int, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=judging.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What you know that makes it so: the next person reads it."),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, criterion: Criterion, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial)
        self.fields["score"].choices = scale(criterion.steps)
        if criterion.question:
            self.fields["score"].label = criterion.question


# What each figure of the three Ps means.
_NEED = (
    gettext_lazy("needs nothing of ours"),
    gettext_lazy("might need it one day"),
    gettext_lazy("has the need and lives with it"),
    gettext_lazy("is looking for something better"),
    gettext_lazy("has to do something this year"),
    gettext_lazy("has to do something now"),
)
_ABILITY = (
    gettext_lazy("cannot pay"),
    gettext_lazy("pays late or with difficulty"),
    gettext_lazy("has no budget for it yet"),
    gettext_lazy("could find the budget"),
    gettext_lazy("has the budget"),
    gettext_lazy("has the budget and spends it with a competitor"),
)
_AUTHORITY = (
    gettext_lazy("we know nobody there"),
    gettext_lazy("we know somebody without a say"),
    gettext_lazy("we know who decides"),
    gettext_lazy("we have met who decides"),
    gettext_lazy("who decides talks with us"),
    gettext_lazy("who decides wants us"),
)
_STEPS = {"need": _NEED, "ability": _ABILITY, "authority": _AUTHORITY}


def step_words(name: str, score: int | None) -> str:
    return "" if score is None else str(_STEPS[name][score])


class QualifyForm(forms.ModelForm):
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Qualification
        fields = (
            "need",
            "need_note",
            "ability",
            "ability_note",
            "authority",
            "authority_note",
            "source",
            "source_note",
        )
        widgets = {f"{name}_note": forms.Textarea(attrs={"rows": 2}) for name in judging.THREE_PS}

    def __init__(self, data=None, *, instance: Qualification | None = None):
        super().__init__(data, instance=instance)
        if instance is not None:
            self.initial["version"] = instance.version
        else:
            self.initial["version"] = 0
        for name in judging.THREE_PS:
            label = Qualification._meta.get_field(name).verbose_name
            self.fields[name] = forms.TypedChoiceField(
                label=label[:1].upper() + label[1:],
                coerce=int,
                empty_value=None,
                required=False,
                choices=[
                    ("", _("not judged yet")),
                    *((str(n), f"{n} – {words}") for n, words in enumerate(_STEPS[name])),
                ],
            )
        self.order_fields([*self.Meta.fields, "version"])

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ProspectForm(forms.ModelForm):
    """A client that nothing was sold to yet."""

    source = forms.ChoiceField(
        label=gettext_lazy("Source of the lead"),
        choices=[("", gettext_lazy("choose")), *LeadSource.choices],
    )
    source_note = forms.CharField(
        label=gettext_lazy("Who or what exactly"), required=False, max_length=200
    )
    is_another = forms.BooleanField(
        label=gettext_lazy("It is another company with the same name"), required=False
    )

    class Meta:
        model = Client
        fields = ("name", "tax_id", "external_id", "industry", "channel", "country", "city")
        labels = {"name": gettext_lazy("Name of the company")}
        widgets = {
            name: forms.TextInput(attrs={"list": f"{name}-words"})
            for name in ("industry", "channel")
        }
        help_texts = {
            "external_id": gettext_lazy(
                "Only where the ledger has one already. Otherwise the tax id connects it with its first sales."
            )
        }

    def __init__(self, data=None):
        super().__init__(data)
        # Shown when the name is that of somebody else; see `ask_about_name`.
        self.fields["is_another"].widget = forms.HiddenInput()

    def ask_about_name(self) -> None:
        self.fields["is_another"].widget = forms.CheckboxInput()

    def validate_unique(self) -> None:
        """A number that is taken is told by prospecting.enter, with whose it is."""

    def validate_constraints(self) -> None:
        pass

    def values(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in self.fields}
        values["external_id"] = values["external_id"] or ""
        return values


class StageForm(forms.Form):
    to = forms.ChoiceField(label=gettext_lazy("What becomes of it?"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What speaks for it; people will ask later."),
    )

    def __init__(self, data=None, *, client: Client, initial: dict[str, Any] | None = None):
        super().__init__(data, initial=initial)
        self.fields["to"].choices = ways(client)


def ways(client: Client) -> list[tuple[str, str]]:
    """Where a decision may lead without a dossier, the candidates first: to a key client and back leads another page."""
    if client.is_key:
        return []
    return [
        (stage.value, str(stage.label))
        for stage in sorted(Stage, key=lambda stage: stage != Stage.CANDIDATE)
        if stage in selecting.WAYS[client.stage] and stage != Stage.KEY
    ]


def differing(mine: dict[str, Any], record: models.Model) -> list[dict[str, Any]]:
    """The fields in which what was typed is not what stands: label, mine, theirs, as people read them."""
    found = []
    for name, value in mine.items():
        theirs = getattr(record, name)
        if value == theirs:
            continue
        field = record._meta.get_field(name)
        found.append(
            {
                "label": str(field.verbose_name),
                "mine": _readable(field, value),
                "theirs": _readable(field, theirs),
            }
        )
    return found


def _readable(field: models.Field, value: Any) -> str:
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return "—" if value in (None, "") else str(value)
