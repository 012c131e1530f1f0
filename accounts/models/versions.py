"""The version of a row, counted by the database itself, whoever writes."""

import pgtrigger


def version_grows() -> pgtrigger.Trigger:
    """`version` grows by one with every change: a form that carries the one it was opened at knows what was seen."""
    return pgtrigger.Trigger(
        name="version_grows",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.AnyChange(),
        func="NEW.version = OLD.version + 1; RETURN NEW;",
    )
