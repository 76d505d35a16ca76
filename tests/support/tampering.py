"""Every way to change one thing in a receipt, and where a verifier must say so."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

# What an entry's hash covers and nothing else implies, what its salted digest covers, and what the
# booking starts from.
ELSEWHERE = {
    **{
        f"/receipt/entry/{name}": "/receipt/entry/hash"
        for name in (
            "account_id",
            "seq",
            "booked_at",
            "consent_number",
            "previous_hash",
            "points",
            "reason",
        )
    },
    **{
        f"/receipt/entry/{name}": "/receipt/entry/detail_digest"
        for name in ("event_id", "occurred_at", "partner", "payload_digest", "salt", "scenario")
    },
    "/receipt/entry/original/kind": "/receipt/booking/kind",
    "/receipt/entry/original/methodology": "/receipt/entry/hash",
    "/receipt/entry/original/reduction_mg": "/receipt/booking/before_mg",
}
# An amendment's hash does not cover how sure the credit was that it replaced, nor what it earned.
SIGNATURE_ALONE = {
    f"/receipt/entry/original/{name}"
    for name in ("activity_mg2", "down_mg", "evidence_grade", "points", "provisional", "up_mg")
}


def leaves(value: Any, pointer: str = "/receipt") -> Iterator[str]:
    """Yield the pointer of everything that has no parts: a value, an empty list or object."""
    if isinstance(value, dict | list) and value:
        names = value if isinstance(value, dict) else range(len(value))
        for name in names:
            yield from leaves(value[name], f"{pointer}/{name}")
    else:
        yield pointer


def objects(value: Any, pointer: str = "/receipt") -> Iterator[str]:
    """Yield the pointer of every object."""
    if isinstance(value, dict):
        yield pointer
    if isinstance(value, dict | list):
        names = value if isinstance(value, dict) else range(len(value))
        for name in names:
            yield from objects(value[name], f"{pointer}/{name}")


def at(receipt: Any, pointer: str) -> Any:
    found = receipt
    for name in pointer.split("/")[2:]:
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found


def with_value(receipt: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """Return a copy with another value in one place, or a new member."""
    copy = deepcopy(receipt)
    outer, _, name = pointer.rpartition("/")
    holder = at(copy, outer)
    holder[int(name) if isinstance(holder, list) else name] = value
    return copy


def without(receipt: dict[str, Any], pointer: str) -> dict[str, Any]:
    """Return a copy without this member or item."""
    copy = deepcopy(receipt)
    outer, _, name = pointer.rpartition("/")
    holder = at(copy, outer)
    del holder[int(name) if isinstance(holder, list) else name]
    return copy


# Texts of these forms become another one of the same form.
FORMS = (
    (r"[0-9a-f]{32,}", lambda text: ("1" if text[0] == "0" else "0") + text[1:]),
    (r"2026-.*", lambda text: text.replace("2026", "2027")),
    (r"[0-9.]+", lambda text: f"{text[:-1]}{9 if text[-1] != '9' else 7}"),
    ("completion", lambda _: "correction"),
    ("reversal", lambda _: "completion"),
    (".*", lambda text: f"{text}x"),
)


def changed(value: Any) -> Any:
    """Return another value of the same form, as a careful forger would choose it."""
    if isinstance(value, str):
        return next(change(value) for form, change in FORMS if re.fullmatch(form, value))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return ["x"] if value == [] else "x"


def named_in_place(pointer: str) -> set[str]:
    """Return where a change may show that differs from what was signed."""
    return {pointer, f"{pointer}/0"}


def named_by_recomputation(pointer: str) -> set[str]:
    """Return where a change may show that was signed by the service's own key."""
    if pointer.startswith("/receipt/methodology/"):
        return {"/receipt/methodology_digest"}
    if pointer.startswith("/receipt/entry/inputs/"):
        # Either no ride can be so, or its first step comes out differently.
        return {pointer, "/receipt/measurement/cases/0/steps/0/value"}
    if pointer == "/receipt/entry/amendment":
        # Either there can be none, or it is another one's cause.
        return {pointer, "/receipt/entry/cause"}
    if pointer == "/receipt/entry/original/kind":
        # A reversal has a reason, and nothing else has.
        return {"/receipt/booking/kind", "/receipt/entry/reason"}
    if pointer in {"/receipt/entry/points", "/receipt/entry/reason"}:
        # A reversal's points follow from what it takes back; others have a last day.
        return {pointer, "/receipt/entry/hash", "/receipt/entry/spend_by"}
    return {ELSEWHERE.get(pointer, pointer), f"{pointer}/0"}
