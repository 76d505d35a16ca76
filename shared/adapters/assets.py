"""Pictures of articles in a bucket. The only module that knows S3."""

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws import client
from shared.domain.asset import ASSET_BYTES_MAX
from shared.domain.errors import BusyError


class AssetBucket:
    """The port `Assets` over S3; what the bucket holds is never taken on trust in its size."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, asset: str) -> bytes | None:
        try:
            found = client("s3").get_object(Bucket=self._bucket, Key=asset)
            with found["Body"] as body:
                data: bytes = body.read(ASSET_BYTES_MAX + 1)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in {429, 500, 503}:
                raise BusyError from error
            raise
        except BotoCoreError as error:
            raise BusyError from error
        return data if len(data) <= ASSET_BYTES_MAX else None
