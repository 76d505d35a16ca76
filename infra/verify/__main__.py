"""`python -m infra.verify receipt|certificate FILE [--keys JWKS_FILE]`: is it genuine, and right?

FILE holds the answer of GET /v1/me/entries/{entry_id}/receipt or of GET
/v1/certificates/{certificate_id}, and JWKS_FILE that of GET /v1/keys. Nothing is asked of anybody:
the answer is 0 where all is well, 1 where something is wrong, and 2 where a file cannot be read.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.verify import certificate, receipt
from infra.verify.released import releases
from infra.verify.signature import UnreadableError, read_jws, read_keys, read_object
from shared.domain.certificate import CERTIFICATE_TYPE
from shared.domain.receipt import RECEIPT_TYPE

WELL, WRONG, UNREADABLE = 0, 1, 2
# Of each kind: its JOSE type, whether a file has its form, what is wrong, and what it says.
KINDS = {
    "receipt": (RECEIPT_TYPE, receipt.is_receipt, receipt.verify_receipt, receipt.summary),
    "certificate": (
        CERTIFICATE_TYPE,
        certificate.is_certificate,
        certificate.verify_certificate,
        certificate.summary,
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="kind")
    for kind in KINDS:
        command = commands.add_parser(kind, help=f"verify a signed {kind}, offline")
        command.add_argument("file", type=Path, help=f'the JSON with "{kind}" and "jws"')
        command.add_argument("--keys", type=Path, help="the service's published keys, a JWK set")
    options = parser.parse_args(arguments)
    try:
        return _verify(options.kind, options.file, options.keys)
    except (OSError, UnreadableError) as error:
        print(f"unreadable: {error}", file=sys.stderr)
        return UNREADABLE


def _verify(kind: str, file: Path, keys_file: Path | None) -> int:
    typ, has_form, verify, summary = KINDS[kind]
    body = read_object(file.read_bytes())
    if not has_form(body):
        raise UnreadableError(f'{file} has no "{kind}" and "jws".')
    keys = read_keys(keys_file.read_bytes()) if keys_file else None
    report = verify(body, keys, releases())
    for finding in report.findings:
        print(f"{finding.pointer}: {finding.sentence}")
    for note in report.notes:
        print(f"note: {note}")
    if report.findings:
        count = len(report.findings)
        print(f"not as it should be: {count} finding{'s' if count > 1 else ''}")
        return WRONG
    print(summary(body[kind], read_jws(body["jws"], typ).kid))
    return WELL


if __name__ == "__main__":
    sys.exit(main())
