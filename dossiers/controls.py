"""Controls of the forms that are the same for all pieces: money, currencies, years, tags, texts with suggestions.

`fit` gives a form's fields the controls that their columns ask for; `pair_money` puts the currency beside the first
amount of a form. What a KAM might not know is told by HELP.
"""

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.postgres.forms import SimpleArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.forms.utils import flatatt
from django.utils.formats import get_format
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Client
from accounts.templatetags.kam_format import number
from dossiers.currencies import KNOWN, OTHERS, USUAL
from dossiers.models import (
    Attachment,
    BudgetLine,
    Contract,
    EarlierSupplier,
    FinancialYear,
    GeneralInformation,
    HeadcountYear,
    MarketParty,
    Opportunity,
    OrgUnit,
    StaffPosition,
    Tie,
    WhiteSpace,
)
from dossiers.models.record import TagsField
from dossiers.pieces import PIECES

EARLIEST, LATEST_YEAR = 1900, 2200

# By model and field, where the field's own words do not say enough.
HELP: dict[tuple[type[models.Model], str], str | Promise] = {
    (GeneralInformation, "legal_name"): _("As it stands in contracts and on invoices."),
    (GeneralInformation, "brand"): _("The name they trade under, where it is another one."),
    (GeneralInformation, "ownership"): _(
        "Who owns them: a family, a group, the state, a fund. It tells who decides on money."
    ),
    (GeneralInformation, "description"): _("What they make or sell, to whom, and how."),
    (GeneralInformation, "mission"): _("What they say they are there for, in their own words."),
    (GeneralInformation, "positioning"): _(
        "How they want to be seen by their clients: cheapest, safest, first with new things?"
    ),
    (GeneralInformation, "strategy"): _(
        "Where they want to be in three to five years, and what they invest in on the way."
    ),
    (FinancialYear, "operating_profit"): _("Profit before interest and taxes (EBIT)."),
    (FinancialYear, "net_profit"): _("What is left after interest and taxes; a loss has a minus."),
    (HeadcountYear, "headcount"): _("People employed at the end of the year."),
    (OrgUnit, "parent"): _("The unit above it; nothing for the company itself."),
    (OrgUnit, "site"): _("Town or plant, where it is another one than that of the head office."),
    (StaffPosition, "headcount"): _("How many people hold this position."),
    (MarketParty, "concerns"): _("What is sold or bought, or where they compete."),
    (MarketParty, "share"): _(
        "Of what they sell, buy, or of their market: roughly is better than nothing."
    ),
    (BudgetLine, "amount"): _("What they spend on this in a year, with everybody."),
    (BudgetLine, "with_us"): _("What they spend on this with us in that year."),
    (Opportunity, "probability"): _("How likely it is that they buy it, and from us."),
    (Tie, "strength"): _(
        "Acquainted: they have met. Working: they solve things together. Trusted: they tell each other what "
        "is not said in meetings."
    ),
    (Tie, "wanted"): _("What it shall become; as good as now where nothing has to change."),
    (WhiteSpace, "product_line"): _("One of ours; the same words make the same row."),
    (WhiteSpace, "worth"): _("What this unit spends on it in a year, whoever delivers it."),
    (Contract, "ends_on"): _("Leave empty for a contract without an end."),
    (Contract, "notice_days"): _(
        "How many days before its end notice has to be given: the last day of notice follows from it."
    ),
    (EarlierSupplier, "period"): _("From when to when, roughly."),
    (EarlierSupplier, "why_ended"): _(
        "What they were tired of, or what changed: it could happen to us too."
    ),
}


# ── Figures ──────────────────────────────────────────────────────────────────────────────────

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'’_]")


class AmountField(forms.DecimalField):
    """A figure as people write it: "1 200 000,50", "1.200.000,50" and "1,200,000.50" are the same."""

    def __init__(self, **kwargs):
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**kwargs)
        self.widget.is_localized = True  # shown as the person writes it

    def prepare_value(self, value: Any) -> Any:
        """Thousands apart, as on the page; what was typed stays as it was typed."""
        return number(value) if isinstance(value, Decimal | int) else value

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = plain_figure(value, decimal=get_format("DECIMAL_SEPARATOR", get_language()))
        return super().to_python(value)


def plain_figure(text: str, *, decimal: str) -> str:
    """The figure with a point before its decimals and nothing between its thousands.

    Of two different signs the last one stands before the decimals; a sign that stands more than once parts
    thousands. One single sign parts thousands only where the person's language writes decimals with the
    other one and three digits follow; `decimal` is the sign before decimals in his language.
    """
    bare = _BLANKS.sub("", text).replace("−", "-")
    signs = re.findall(r"[.,]", bare)
    if not signs:
        return bare
    last = signs[-1]
    if len(set(signs)) == 2:
        other = "," if last == "." else "."
        return bare.replace(other, "").replace(last, ".")
    if len(signs) > 1:
        return bare.replace(last, "")
    if last == "," and decimal == "." and re.fullmatch(r"-?\d{1,3},\d{3}", bare):
        return bare.replace(",", "")
    return bare.replace(",", ".")


class CurrencySelect(forms.Select):
    """All currencies, ours first. Its two hundred options are written down once and not drawn one by one."""

    def render(self, name, value, attrs=None, renderer=None):
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        attributes["class"] = f"form-select {attributes.get('class', '')}".strip()
        chosen = str(value or "")
        return format_html(
            "<select{}>{}</select>", mark_safe(flatatt(attributes)), _currency_options(chosen)
        )


@lru_cache(maxsize=256)
def _currency_options(chosen: str) -> str:
    known = USUAL if chosen in KNOWN or not chosen else (chosen, *USUAL)

    def options(codes: Iterable[str]) -> str:
        return format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((code, mark_safe(" selected") if code == chosen else "", code) for code in codes),
        )

    return format_html('{}<optgroup label="…">{}</optgroup>', options(known), options(OTHERS))


class CurrencyField(forms.CharField):
    """A code of ISO 4217, from a list; small letters will do."""

    def __init__(self, **kwargs):
        kwargs.update(max_length=3, strip=True, widget=CurrencySelect())
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        code = super().clean(value).upper()
        if code and code not in KNOWN:
            raise forms.ValidationError(
                _("“%(code)s” is no currency. Choose one from the list."), params={"code": code}
            )
        return code


def _year(field: forms.IntegerField) -> forms.IntegerField:
    sentence = _("Give the year with four digits.")
    field.validators = [
        MinValueValidator(EARLIEST, sentence),
        MaxValueValidator(LATEST_YEAR, sentence),
    ]
    field.widget = forms.NumberInput(attrs={"min": EARLIEST, "max": LATEST_YEAR, "step": 1})
    return field


# ── Texts with suggestions ───────────────────────────────────────────────────────────────────


class Suggesting(forms.TextInput):
    """A line of text with a list of what others wrote there; `options` is filled in when it is drawn.

    `data-tags`: of several, with commas between them, each is completed (see controls.js).
    """

    def __init__(self, column: str, *, is_tags: bool = False):
        super().__init__(attrs={"autocomplete": "off", **({"data-tags": True} if is_tags else {})})
        self.column = column

    def render(self, name, value, attrs=None, renderer=None):
        listed = f"{(attrs or {}).get('id', name)}_known"
        field = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = "".join(f'<option value="{escape(text)}">' for text in known(self.column))
        return mark_safe(f'{field}<datalist id="{listed}">{options}</datalist>')


def known(column: str) -> list[str]:
    """What the master data of our clients say in this column; a word for it, not whom it belongs to."""
    values = Client.objects.exclude(**{column: ""}).order_by(column)
    return list(values.values_list(column, flat=True).distinct()[:200])


class TagsFormField(SimpleArrayField):
    """Words with commas between them; a comma too many is no mistake."""

    default_error_messages = {"item_invalid": _("Word %(nth)s:")}

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, str):
            value = ",".join(word for word in value.split(",") if word.strip())
        return super().to_python(value)


# ── Putting them into forms ──────────────────────────────────────────────────────────────────


def formfield(column: models.Field, **kwargs) -> forms.Field | None:
    """The control of a column, where it is one of those here; else None."""
    name, model = column.name, column.model
    field: forms.Field | None = None
    if name == "currency":
        field = column.formfield(form_class=CurrencyField, **kwargs)
    elif isinstance(column, models.DecimalField):
        field = column.formfield(form_class=AmountField, **kwargs)
    elif name == "year":
        field = _year(column.formfield(**kwargs))
    elif isinstance(column, TagsField):
        widget = Suggesting("industry", is_tags=True)
        field = column.formfield(form_class=TagsFormField, widget=widget, **kwargs)
    elif model is GeneralInformation and name == "channel":
        field = column.formfield(widget=Suggesting("channel"), **kwargs)
    elif model is Attachment and name == "certainty":
        # A file is what it is.
        field = column.formfield(widget=forms.HiddenInput, **kwargs)
    return field


def explain(column: models.Field, field: forms.Field | None) -> None:
    """What the field means, where its label does not say enough."""
    said = HELP.get((column.model, column.name))
    if field is not None and said and not field.help_text:
        field.help_text = said


def money_names(form: forms.BaseForm) -> list[str]:
    """The amounts of a form that has one currency for them all."""
    if "currency" not in form.fields:
        return []
    model = form._meta.model if isinstance(form, forms.ModelForm) else None
    return [
        name
        for name, field in form.fields.items()
        if isinstance(field, AmountField) and (model is None or _is_money(model, name))
    ]


def _is_money(model: type[models.Model], name: str) -> bool:
    return model._meta.get_field(name).max_digits > 5


class Paired:
    """Of a form: the currency stands beside the first amount, and not as a field of its own."""

    def pair_money(self) -> None:
        amounts = money_names(self)
        if amounts:
            self.fields[amounts[0]].template_name = "django/forms/money_field.html"
            self.is_paired = True

    def get_context(self):
        context = super().get_context()
        if getattr(self, "is_paired", False):
            context["fields"] = [
                (field, errors) for field, errors in context["fields"] if field.name != "currency"
            ]
        return context


# ── What a new entry most likely says ────────────────────────────────────────────────────────


def usual_currency(dossier) -> str:
    """The currency that most amounts of the dossier are in; else that of the house. One query."""
    with_money = dict.fromkeys(piece.model for piece in PIECES if "currency" in piece.fields)
    parts = [
        f"SELECT currency FROM {connection.ops.quote_name(model._meta.db_table)} WHERE dossier_id = %s"
        for model in with_money
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT currency FROM ({' UNION ALL '.join(parts)}) AS used GROUP BY currency"
            " ORDER BY count(*) DESC, currency LIMIT 1",
            [dossier.pk] * len(parts),
        )
        row = cursor.fetchone()
    return row[0] if row else settings.KAM_CURRENCY


def next_year(years: Iterable[int], *, today: datetime.date, is_published: bool) -> int:
    """The year to add next: after the newest, as long as it is over (or, not published, has begun); else a gap.

    `is_published`: whether figures come out only when the year is over.
    """
    newest = today.year - 1 if is_published else today.year
    there = set(years)
    if not there:
        return newest
    if max(there) < newest:
        return max(there) + 1
    return next(year for year in range(max(there), EARLIEST - 1, -1) if year not in there)
