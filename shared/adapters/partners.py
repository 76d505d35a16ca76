"""The partner registry, cached for a short while because it hardly ever changes."""

import json
import time
from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import GetError, ScanError
from pynamodb.models import Model

from shared.adapters.dynamodb import bind, store_error
from shared.domain.partner import NAME, Partner, PartnerState

PARTNERS_MAX = 500
# How long a suspension may take to be seen by a warm function.
CACHE_S = 60


class PartnerRow(Model):
    """One registered partner."""

    class Meta:
        table_name = "unbound"

    partner = UnicodeAttribute(hash_key=True)
    title = UnicodeAttribute()
    source = UnicodeAttribute()
    scenarios = UnicodeSetAttribute()
    acceptance_window_days = NumberAttribute()
    state = UnicodeAttribute()

    @classmethod
    def of(cls, partner: Partner) -> "PartnerRow":
        return cls(
            partner.partner,
            title=json.dumps(dict(partner.title), ensure_ascii=False),
            source=partner.source,
            scenarios=set(partner.scenarios),
            acceptance_window_days=partner.acceptance_window_days,
            state=partner.state,
        )

    def to_partner(self) -> Partner:
        return Partner(
            partner=self.partner,
            title=json.loads(self.title),
            source=self.source,
            scenarios=tuple(sorted(self.scenarios)),
            acceptance_window_days=int(self.acceptance_window_days),
            state=PartnerState(self.state),
        )


class PartnerTable:
    """The registry over DynamoDB."""

    def __init__(self, partners: str) -> None:
        bind(PartnerRow, partners)
        self._cache: dict[str, tuple[float, Partner]] = {}

    def get(self, partner: str) -> Partner | None:
        # A longer text would be no key at all, and an error instead of an unknown name.
        if NAME.fullmatch(partner) is None:
            return None
        cached = self._cache.get(partner)
        if cached and time.monotonic() - cached[0] < CACHE_S:
            return cached[1]
        try:
            found = PartnerRow.get(partner).to_partner()
        except PartnerRow.DoesNotExist:
            return None
        except GetError as error:
            raise store_error(error) from error
        self._cache[partner] = (time.monotonic(), found)
        return found

    def all(self) -> Sequence[Partner]:
        try:
            return [row.to_partner() for row in PartnerRow.scan(limit=PARTNERS_MAX)]
        except ScanError as error:
            raise store_error(error) from error

    def put(self, partner: Partner) -> None:
        """Register a partner, or change what is known of it."""
        PartnerRow.of(partner).save()
