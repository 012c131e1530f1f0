"""What is drawn of a decision-making unit: the map, the loyalty journey, and the gaps in words."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dossiers import decision_map, gaps, loyalty_matrix, parts
from dossiers.models import Dossier, InfluenceLine, Stakeholder
from dossiers.pieces import BY_KEY


@dataclass(frozen=True)
class Drawing:
    """From records fetched already, with whom covers them.

    `until`: drawn as it stood at that moment; the trail ends there.
    """

    dossier: Dossier
    stakeholders: Sequence[Stakeholder]
    lines: Sequence[InfluenceLine]
    today: datetime.date
    until: datetime.datetime | None = None

    @property
    def state(self) -> tuple:
        """Everything that it is drawn from; the trail of a stakeholder grows by his versions only."""
        return (
            "drawing",
            self.dossier.pk,
            self.today,
            self.until,
            tuple(
                (person.pk, person.version, str(person.covered_by), person.last_contact_on)
                for person in self.stakeholders
            ),
            parts.versions(BY_KEY["influence"], self.lines),
        )

    def contents(self) -> dict[str, Any]:
        """What the templates of the drawings ask for; one query, for the trail."""
        return {
            "dossier": self.dossier,
            "is_past": self.until is not None,
            "map": decision_map.draw(self.stakeholders, self.lines),
            "matrix": loyalty_matrix.draw(
                self.stakeholders,
                loyalty_matrix.trail(self.dossier, until=self.until) if self.stakeholders else {},
            ),
            "gaps": gaps.find(self.stakeholders, today=self.today) if self.stakeholders else [],
        }
