"""A migration operation that does what many operations say, in one go.

Django renders the models anew after every operation. With fifty kept models, their history tables and
their triggers that took most of a minute of every first start and every test run. Here the state is
built first, rendered once, and then each operation does its work in the database: two seconds.
"""

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel


class AtOnce(Operation):
    """Holds operations of which none needs the state between two of them.

    They may create models with all their fields, indexes and constraints, and add to others; none may alter
    what another one of them added.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations):
        self.operations = operations

    def deconstruct(self):
        return (self.__class__.__qualname__, [], {"operations": self.operations})

    def state_forwards(self, app_label, state):
        # Without rendered models the state is plain data, and changing it costs nothing.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        # Dropping a table takes its triggers with it.
        created = {one.name_lower for one in self.operations if isinstance(one, CreateModel)}
        for operation in reversed(self.operations):
            if getattr(operation, "model_name", "").lower() not in created:
                operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Do {len(self.operations)} operations at once"
