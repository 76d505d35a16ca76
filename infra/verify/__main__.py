"""`python -m infra.verify receipt FILE [--keys JWKS_FILE]`: is a receipt genuine, and right?

FILE holds the answer of GET /v1/me/entries/{entry_id}/receipt, and JWKS_FILE that of GET /v1/keys.
Nothing is asked of anybody: the answer is 0 where all is well, 1 where something is wrong, and 2
where a file cannot be read.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.verify.receipt import is_receipt, summary, verify_receipt
from infra.verify.released import releases
from infra.verify.signature import UnreadableError, read_jws, read_keys, read_object

WELL, WRONG, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description=__doc__)
    commands = parser.add_subparsers(required=True)
    receipt = commands.add_parser("receipt", help="verify a signed receipt, offline")
    receipt.add_argument("file", type=Path, help='the JSON with "receipt" and "jws"')
    receipt.add_argument("--keys", type=Path, help="the service's published keys, a JWK set")
    options = parser.parse_args(arguments)
    try:
        return _verify(options.file, options.keys)
    except (OSError, UnreadableError) as error:
        print(f"unreadable: {error}", file=sys.stderr)
        return UNREADABLE


def _verify(file: Path, keys_file: Path | None) -> int:
    body = read_object(file.read_bytes())
    if not is_receipt(body):
        raise UnreadableError(f'{file} has no "receipt" and "jws".')
    keys = read_keys(keys_file.read_bytes()) if keys_file else None
    report = verify_receipt(body, keys, releases())
    for finding in report.findings:
        print(f"{finding.pointer}: {finding.sentence}")
    for note in report.notes:
        print(f"note: {note}")
    if report.findings:
        count = len(report.findings)
        print(f"not as it should be: {count} finding{'s' if count > 1 else ''}")
        return WRONG
    print(summary(body["receipt"], read_jws(body["jws"]).kid))
    return WELL


if __name__ == "__main__":
    sys.exit(main())
