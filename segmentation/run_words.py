"""What a run says of itself: its method, its basis, its scope and its command, in words."""

import shlex
from fractions import Fraction

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from segmentation import periods

CV, FREQUENCY = "cv", "frequency"
COMPUTED = "computed"


def scope(run) -> str:
    """Whom it looked at, in words; empty for all clients."""
    words = [
        (_("sales channel %(name)s"), run.channel),
        (_("industry %(name)s"), run.industry),
        (_("team %(name)s"), run.team),
    ]
    return ", ".join(text % {"name": name} for text, name in words if name)


def method(run) -> str:
    """The thresholds in words, in the language of the reader."""
    words = {
        "a": _plain(run.abc_a),
        "b": _plain(run.abc_b),
        "x": limit_in_words(run.xyz_x, run.xyz_method),
        "y": limit_in_words(run.xyz_y, run.xyz_method),
        "needed": periods.length(run.unit, run.min_history),
    }
    abc = _("A while the share before is under %(a)s %%, B under %(b)s %%")
    if run.abc_by == COMPUTED:
        abc = (
            _(
                "A while the share before is under %(a)s %%, B under %(b)s %% (computed from the totals)"
            )
            if run.has_succeeded
            else _("limits of A and B computed from the totals")
        )
    if run.xyz_method == FREQUENCY:
        xyz = {
            "month": _("X with purchases in at least %(x)s of the months, Y in at least %(y)s"),
            "quarter": _("X with purchases in at least %(x)s of the quarters, Y in at least %(y)s"),
            "week": _("X with purchases in at least %(x)s of the weeks, Y in at least %(y)s"),
        }[run.unit]
    else:
        xyz = {
            "month": _(
                "X with a coefficient of variation of the months up to %(x)s, Y up to %(y)s"
            ),
            "quarter": _(
                "X with a coefficient of variation of the quarters up to %(x)s, Y up to %(y)s"
            ),
            "week": _("X with a coefficient of variation of the weeks up to %(x)s, Y up to %(y)s"),
        }[run.unit]
    parts = [abc, xyz]
    if run.min_history:
        parts.append(_("N with less than %(needed)s since the first sale"))
    return "; ".join(parts) % words


def basis(run) -> str:
    """What the figures were computed from (rule 5): period, measure, thresholds, run, by whom and when."""
    if run.created_by_id:
        who = run.created_by.name
    else:
        who = _("the schedule") if run.scheduled else _("the command line")
    if scope(run):
        text = _(
            "%(measure)s in %(currency)s, %(period)s; only %(scope)s. %(method)s. %(settings)s. "
            "Run %(number)s by %(who)s, %(when)s."
        )
    else:
        text = _(
            "%(measure)s in %(currency)s, %(period)s. %(method)s. %(settings)s. Run %(number)s by %(who)s, %(when)s."
        )
    return text % {
        "scope": scope(run),
        "settings": settings_from(run),
        "measure": run.get_measure_display(),
        "currency": run.currency,
        "period": run.period,
        "method": method(run),
        "number": run.pk,
        "who": who,
        "when": date_format(
            timezone.localtime(run.finished_at or run.created_at), "SHORT_DATETIME_FORMAT"
        ),
    }


def settings_from(run) -> str:
    """Whose settings they are: a version of the policy, or those of whoever asked."""
    if run.policy_id:
        return _("By policy version %(version)d") % {"version": run.policy_id}
    return _("Settings of its own")


def limits_in_words(run) -> dict[str, str]:
    """What each letter means in this run, short enough for the head of a column."""
    x, y = (
        limit_in_words(run.xyz_x, run.xyz_method),
        limit_in_words(run.xyz_y, run.xyz_method),
    )
    by_frequency = run.xyz_method == FREQUENCY
    often = (
        _("in %(x)s of the periods"),
        _("in %(y)s of the periods"),
        _("more seldom"),
    )
    spread = (
        _("variation up to %(x)s"),
        _("variation up to %(y)s"),
        _("varies more"),
    )
    words = {"a": _plain(run.abc_a), "b": _plain(run.abc_b), "x": x, "y": y}
    letters = {
        "A": _("up to %(a)s %%"),
        "B": _("up to %(b)s %%"),
        "C": _("the rest"),
        **dict(zip("XYZ", often if by_frequency else spread, strict=True)),
        "N": _("too short a history"),
    }
    return {letter: text % words for letter, text in letters.items()}


def command(run) -> str:
    """How to repeat it from the command line."""
    words = [
        f"manage.py segment --start {periods.code(run.unit, run.start)} --months {run.periods}"
        if run.unit == "month"
        else f"manage.py segment --unit {run.unit} --start {periods.code(run.unit, run.start)} --periods {run.periods}",
        f"--measure {run.measure}",
        "--abc computed"
        if run.abc_by == COMPUTED
        else f"--abc {_bare(run.abc_a)},{_bare(run.abc_b)}",
        f"--xyz {run.xyz_method} --limits {run.xyz_x},{run.xyz_y} --currency {run.currency}",
    ]
    if run.min_history:
        words.append(f"--min-history {run.min_history}")
    for name in ("channel", "industry", "team"):
        if getattr(run, name):
            words.append(f"--{name} {shlex.quote(getattr(run, name))}")
    return " ".join(words)


def as_fraction(text: str) -> Fraction:
    """An exact limit: "0.10", "10/12" or "2.5/12". Raises ValueError for anything else."""
    numerator, slash, denominator = text.strip().partition("/")
    if not slash:
        return Fraction(numerator)
    return Fraction(numerator) / Fraction(denominator)


def limit_in_words(text: str, method: str) -> str:
    """ "0.10" of a coefficient is said as 10 %; "10/12" stays as it was typed."""
    if "/" in text:
        return text
    return f"{_plain(as_fraction(text) * 100)} %"


def _plain(number) -> str:
    if isinstance(number, Fraction):
        number = number.numerator if number.denominator == 1 else float(number)
    return number_format(_bare(number))


def _bare(number) -> str:
    text = f"{number}"
    return text.rstrip("0").rstrip(".") if "." in text else text
