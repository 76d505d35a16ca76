"""Households: what they add to the town, their payloads, and what is expected of them.

home-1 has the meter and 6000 basis points, home-2 the rest; they saved 4 kWh once (saving-home),
2.1224 kg. home-3 consented to a household and holds invitation-2 to 2000 basis points of theirs.
home-4 and home-5 have half of a household each, and home-4 proposes 7000 and 3000.
"""

from typing import Any

from tests.support.cloud import NOW, Cloud
from tests.support.features.expectations import Expectations
from tests.support.partners import GRID, dump, saving_event

HOMES = ("home-1", "home-2", "home-3", "home-4", "home-5")


def build(cloud: Cloud, time: Any) -> None:
    """Add five people, two households and a day of saving."""
    from tests.support.town import OPENED_AT, open_and_grant, send

    time.now = OPENED_AT
    open_and_grant(cloud, time.now, "home-1", "meter-home", "saved-electricity", GRID.partner)
    for home in HOMES:
        ask(cloud, "open_account", home)
        consent_to_sharing(cloud, home)
    for home in ("home-1", "home-4"):
        ask(cloud, "create_household", home)
    join(cloud, "home-1", "home-2", 4_000)
    ask(cloud, "invite_member", "home-1", {"share_bp": 2_000})
    join(cloud, "home-4", "home-5", 5_000)
    shares = {"shares": [{"member": 1, "share_bp": 7_000}, {"member": 2, "share_bp": 3_000}]}
    ask(cloud, "propose_shares", "home-4", shares)
    time.now = NOW
    saving = saving_event("saving-home", subject="meter-home")
    assert send(cloud, time.now, saving, partner=GRID.partner) == 202
    cloud.drain()


def ask(cloud: Cloud, function: str, user: str, body: Any = None, **request: Any) -> Any:
    """Send what succeeds, and return the answer's body."""
    text = None if body is None else dump(body)
    status, answer, _ = cloud.request(function, subject=user, body=text, **request)
    assert status in {200, 201}, answer
    return answer


def consent_to_sharing(cloud: Cloud, user: str) -> None:
    path = {"scenario": "household", "partner": "platform"}
    ask(cloud, "grant_consent", user, {"notice_version": "2025-01"}, path=path)


def join(cloud: Cloud, inviter: str, newcomer: str, share_bp: int) -> Any:
    """Let a newcomer use an invitation, and return what it is answered."""
    invitation = ask(cloud, "invite_member", inviter, {"share_bp": share_bp})
    return ask(cloud, "join_household", newcomer, {"code": invitation["code"]})


def payloads() -> dict[str, dict[str, Any]]:
    """Return every payload by `<function>/<case>.<outcome>`."""
    from tests.support.payloads import http, signed_http

    json_type = {"content-type": "application/json"}

    def send(function: str, user: str, body: Any = None) -> dict[str, Any]:
        if body is None:
            return http(function, user=user)
        text = body if isinstance(body, str) else dump(body)
        return http(function, user=user, body=text, headers=json_type)

    def invite(user: str = "home-1", share_bp: Any = 1_000) -> dict[str, Any]:
        return send("invite_member", user, {"share_bp": share_bp})

    def use(user: str = "home-3", code: Any = "invitation-2") -> dict[str, Any]:
        return send("join_household", user, {"code": code})

    def propose(user: str, *shares: tuple[int, int]) -> dict[str, Any]:
        wanted = [{"member": member, "share_bp": share_bp} for member, share_bp in shares]
        return send("propose_shares", user, {"shares": wanted})

    def answer(user: str, word: str, proposal: int = 2) -> dict[str, Any]:
        return send("answer_proposal", user, {"proposal": proposal, "answer": word})

    path = {"partner": "grid-demo", "event_id": "saving-home"}
    order = dump({"event_id": "saving-home", "reason": "wrong_data"})
    return {
        "create_household/founded.201": send("create_household", "home-3"),
        "create_household/in_one_already.200": send("create_household", "home-2"),
        "create_household/not_consented.409": send("create_household", "user-3"),
        "create_household/no_account.404": send("create_household", "user-9"),
        "get_household/of_two.200": send("get_household", "home-2"),
        "get_household/with_a_proposal.200": send("get_household", "home-5"),
        "get_household/in_none.404": send("get_household", "home-3"),
        "get_household/no_account.404": send("get_household", "user-9"),
        "invite_member/invited.201": invite(),
        "invite_member/to_everything.422": invite(share_bp=10_000),
        "invite_member/to_less_than_nothing.422": invite(share_bp=-1),
        "invite_member/invalid_json.422": send("invite_member", "home-1", "{"),
        "invite_member/in_none.404": invite("home-3"),
        "invite_member/no_account.404": invite("user-9"),
        "join_household/waits_for_the_others.200": use(),
        "join_household/same_code_again.200": use("home-2", "invitation-1"),
        "join_household/unknown_code.422": use(code="invitation-9"),
        "join_household/code_of_somebody_else.422": use(code="invitation-1"),
        "join_household/code_as_number.422": use(code=2),
        "join_household/invalid_json.422": send("join_household", "home-3", "{"),
        "join_household/in_another_one.409": use("home-4"),
        "join_household/not_consented.409": use("user-3"),
        "join_household/no_account.404": use("user-9"),
        "leave_household/left.200": send("leave_household", "home-2"),
        "leave_household/in_none.200": send("leave_household", "home-3"),
        "leave_household/no_account.404": send("leave_household", "user-9"),
        "propose_shares/proposed.200": propose("home-2", (1, 5_000), (2, 5_000)),
        "propose_shares/same_again.200": propose("home-4", (1, 7_000), (2, 3_000)),
        "propose_shares/another_is_open.409": propose("home-5", (1, 1_000), (2, 9_000)),
        "propose_shares/nine_tenths.422": propose("home-1", (1, 5_000), (2, 4_000)),
        "propose_shares/without_a_member.422": propose("home-1", (1, 10_000)),
        "propose_shares/member_twice.422": propose("home-1", (1, 5_000), (1, 5_000)),
        "propose_shares/no_shares.422": propose("home-1"),
        "propose_shares/in_none.404": propose("home-3", (1, 10_000)),
        "propose_shares/no_account.404": propose("user-9", (1, 10_000)),
        "answer_proposal/agreed.200": answer("home-5", "agree"),
        "answer_proposal/rejected.200": answer("home-5", "reject"),
        "answer_proposal/withdrawn.200": answer("home-4", "withdraw"),
        "answer_proposal/withdrawn_by_another.409": answer("home-5", "withdraw"),
        "answer_proposal/unknown_proposal.409": answer("home-5", "agree", proposal=9),
        "answer_proposal/neither_yes_nor_no.422": answer("home-5", "perhaps"),
        "answer_proposal/in_none.404": answer("home-3", "agree"),
        "answer_proposal/no_account.404": answer("user-9", "agree"),
        "get_account/with_a_share_of_a_saving.200": send("get_account", "home-2"),
        "close_account/of_a_household.200": send("close_account", "home-1"),
        "reverse_event/shared_by_a_household.200": signed_http(
            "reverse_event", path=path, body=order
        ),
    }


def _members(*shares: int, you: int) -> list[dict[str, Any]]:
    return [
        {"member": number, "share_bp": share_bp, "is_you": number == you}
        for number, share_bp in enumerate(shares, 1)
    ]


EXPECTED = Expectations(
    codes={
        "create_household/not_consented.409": "household_not_consented",
        "get_household/in_none.404": "household_not_found",
        "invite_member/to_everything.422": "invalid_request",
        "invite_member/to_less_than_nothing.422": "invalid_request",
        "invite_member/invalid_json.422": "malformed_body",
        "invite_member/in_none.404": "household_not_found",
        "join_household/unknown_code.422": "invitation_refused",
        "join_household/code_of_somebody_else.422": "invitation_refused",
        "join_household/code_as_number.422": "invalid_request",
        "join_household/invalid_json.422": "malformed_body",
        "join_household/in_another_one.409": "already_in_household",
        "join_household/not_consented.409": "household_not_consented",
        "propose_shares/another_is_open.409": "proposal_open",
        "propose_shares/nine_tenths.422": "invalid_shares",
        "propose_shares/without_a_member.422": "invalid_shares",
        "propose_shares/member_twice.422": "invalid_shares",
        "propose_shares/no_shares.422": "invalid_request",
        "propose_shares/in_none.404": "household_not_found",
        "answer_proposal/withdrawn_by_another.409": "proposal_not_open",
        "answer_proposal/unknown_proposal.409": "proposal_not_open",
        "answer_proposal/neither_yes_nor_no.422": "invalid_request",
        "answer_proposal/in_none.404": "household_not_found",
    },
    growth={
        "create_household/founded.201": {"DocumentsTable": 1},
        "invite_member/invited.201": {"DocumentsTable": 1},
        # Two receipts more, and the link less; the subject's pointer.
        "close_account/of_a_household.200": {"AccountsTable": -1},
        # The reversal, and a line on each side of what came back.
        "reverse_event/shared_by_a_household.200": {"EntriesTable": 3},
    },
    answers={
        "create_household/founded.201": {
            "membership": "member", "members": _members(10_000, you=1),
        },
        "get_household/of_two.200": {
            "membership": "member", "members": _members(6_000, 4_000, you=2),
        },
        "invite_member/invited.201": {
            "share_bp": 1_000, "expires_at": "2026-11-17T04:00:00.000Z",
        },
        "join_household/waits_for_the_others.200": {
            "membership": "waiting", "members": _members(6_000, 4_000, you=3),
        },
        "join_household/same_code_again.200": {"membership": "member"},
        "leave_household/left.200": {"membership": "none"},
        "propose_shares/proposed.200": {"members": _members(6_000, 4_000, you=2)},
        "propose_shares/same_again.200": {"members": _members(5_000, 5_000, you=1)},
        "answer_proposal/agreed.200": {"members": _members(7_000, 3_000, you=2)},
        "answer_proposal/rejected.200": {"members": _members(5_000, 5_000, you=2)},
        "answer_proposal/withdrawn.200": {"members": _members(5_000, 5_000, you=1)},
        # 40 % of 4 x 530.6 g.
        "get_account/with_a_share_of_a_saving.200": {
            "reduction_mg": 0, "entries": 0, "lines": 1,
            "reductions": {"available_mg": 848_960, "on_hold_mg": 0, "debt_mg": 0},
        },
        "close_account/of_a_household.200": {"state": "closed"},
        "reverse_event/shared_by_a_household.200": {"reduction_mg": -2_122_400},
    },
)  # fmt: skip
