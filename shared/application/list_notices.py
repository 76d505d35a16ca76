"""List the current notices, each with the partners that report its scenario."""

from collections.abc import Sequence

from shared.application.ports import Partners
from shared.domain.consent import Notice
from shared.domain.partner import THE_PLATFORM, Partner, PartnerState


def list_notices(
    partners: Partners, notices: Sequence[Notice]
) -> list[tuple[Notice, tuple[Partner, ...]]]:
    """Return each notice with the active partners that it would let report, by name."""
    registered = sorted([THE_PLATFORM, *partners.all()], key=lambda each: each.partner)
    return [
        (
            notice,
            tuple(
                partner
                for partner in registered
                if partner.state is PartnerState.ACTIVE and notice.scenario in partner.scenarios
            ),
        )
        for notice in sorted(notices, key=lambda each: each.scenario)
    ]
