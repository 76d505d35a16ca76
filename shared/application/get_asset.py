"""Read a picture of an article."""

from dataclasses import dataclass

from shared.application.ports import Assets
from shared.domain.asset import media_type_of
from shared.domain.errors import AssetNotFoundError


@dataclass(frozen=True, slots=True)
class ServedAsset:
    """The bytes of a picture, and their media type."""

    data: bytes
    media_type: str


def get_asset(assets: Assets, asset: str) -> ServedAsset:
    """Return the picture; a name that no asset can have is not even looked for.

    Raises AssetNotFoundError where there is none, and BusyError.
    """
    media_type = media_type_of(asset)
    data = assets.read(asset) if media_type else None
    if media_type is None or data is None:
        raise AssetNotFoundError
    return ServedAsset(data, media_type)
