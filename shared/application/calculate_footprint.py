"""Work out a person's footprint of one year, by the methodology in force; nothing is stored."""

from collections.abc import Mapping
from datetime import datetime

from shared.domain.catalogue import Catalogue
from shared.domain.footprint import FOOTPRINT, Footprint, FootprintModel
from shared.domain.methodology import Use


def calculate_footprint(
    catalogue: Catalogue, *, answers: Mapping[str, object], now: datetime
) -> Footprint:
    """Return the footprint; raise InvalidRequestError with a pointer to each bad answer."""
    model = FootprintModel.of(catalogue.in_force(FOOTPRINT, now, Use.FOOTPRINT))
    return model.calculate(model.read_answers(answers))
