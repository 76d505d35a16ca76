"""How share cards are answered."""

from typing import Self

from shared.application.list_shares import ListedShare
from shared.domain.instants import format_instant
from shared.domain.share import Share
from shared.runtime.http import WireModel
from shared.runtime.wire import SumBody


class ShareBody(WireModel):
    """One card as it was made. `page`, `svg` and `png` are links that anybody can open."""

    share_id: str
    period: str
    style: str
    language: str
    nickname: str | None = None
    page: str
    svg: str
    png: str
    created_at: str
    expires_at: str
    reduction: SumBody

    @classmethod
    def of(cls, share: Share, page: str) -> Self:
        return cls(
            share_id=share.share_id,
            period=share.period,
            style=share.style.value,
            language=share.language,
            nickname=share.nickname,
            page=page,
            svg=f"{page}/card.svg",
            png=f"{page}/card.png",
            created_at=format_instant(share.created_at),
            expires_at=format_instant(share.expires_at),
            reduction=SumBody.of(share.reduction),
        )


class ListedShareBody(ShareBody):
    """A card as it stands: `shown` is false too once its consent was withdrawn."""

    state: str
    shown: bool
    revoked_at: str | None = None

    @classmethod
    def listed(cls, listed: ListedShare, page: str) -> Self:
        revoked_at = listed.share.revoked_at
        facts = dict(ShareBody.of(listed.share, page))
        return cls(
            **facts,
            state=listed.state.value,
            shown=listed.is_shown,
            revoked_at=format_instant(revoked_at) if revoked_at else None,
        )
