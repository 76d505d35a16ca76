"""What the grams of the sample month are worth: redeemed, retired, given, pooled, taken back.

After the month two people act over the same API as everybody: Lin spends what the month brought,
answers the day's questions and shows a card around; Mei, who is new, sees credits reversed,
disputed and owed. What each step should come to is known beforehand, and what comes out otherwise
is a mismatch. A play that was broken off goes on: every request has its Idempotency-Key, and events
keep their times.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from infra.local.errors import LocalError
from infra.local.files import read_json, write_json
from infra.local.http_client import Answer
from infra.local.partner import Event
from infra.local.player import Mismatch
from infra.local.running import RunningStack
from infra.seed.people import PEOPLE
from infra.verify.certificate import verify_certificate
from shared.adapters.quiz import question_bank
from shared.domain.consent import CARBON_POOL, HOUSEHOLD, PLATFORM, SHARE_CARD
from shared.domain.instants import format_instant

PLAYED_FILE: Final = "worth.json"
LIN: Final = PEOPLE[0].subject
MEI, TAO = "demo-user-mei", "demo-user-tao"
METRO, GRID = "metro-demo", "electricity-demo"
POOL: Final = "demo-pool"
NOTICE: Final = "2025-01"
# Mei joined so long ago, and rode in this rhythm; the ride that is missing is the fifth.
AGO, APART, MISSED = timedelta(hours=2), timedelta(minutes=20), 5
# A ride of 8 km by metro: 8 x 0.23 x (195.2 - 84) g.
RIDE_KM, RIDE_MG = 8, 204_608
# A day on which a home used 4 kWh less than usual: 4 x 530.6 g; two of five parts are Tao's.
SAVED_MG, TAOS_BP, TAOS_MG = 2_122_400, 4_000, 848_960
POINTS_PER_KG: Final = 10
POOLED_MG_MIN: Final = 1_000
MG_PER_KG: Final = 1_000_000
# What Lin retires, gives and pools of what there is, in per cent.
RETIRED, GIVEN, POOLED = 40, 10, 10
PAYOUT_STEPS_MAX: Final = 20
SUPPLIER_S_MAX: Final = 60.0
_CREATED, _OK, _GONE = 201, 200, 410


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the table: who did what, and what it came to."""

    who: str
    what: str
    result: str


@dataclass(slots=True)
class Worth:
    """What was done, and what came out otherwise than it should."""

    deeds: list[Deed] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)


def play_worth(stack: RunningStack, state_dir: Path) -> Worth:
    """Play what is not played yet; a month whose grams were spent before is not spent again."""
    path = state_dir / PLAYED_FILE
    played = _Play(stack)
    # A store that was lost has forgotten what the file remembers.
    known = read_json(path) if played.has_begun() else None
    if known is not None and "deeds" in known:
        return Worth([Deed(*deed) for deed in known["deeds"]])
    began_at = played.begin(known["began_at"] if known else None)
    write_json(path, {"began_at": format_instant(began_at)})
    played.lin_spends()
    played.lin_learns()
    played.lin_shares()
    played.mei_is_put_right(began_at)
    worth = played.worth
    if not worth.mismatches:
        deeds = [[deed.who, deed.what, deed.result] for deed in worth.deeds]
        write_json(path, {"began_at": format_instant(began_at), "deeds": deeds})
    return worth


class _Play:
    def __init__(self, stack: RunningStack) -> None:
        self.worth = Worth()
        self._stack = stack
        self._tokens = {subject: stack.token(subject) for subject in (LIN, MEI, TAO)}
        self._partner = stack.partner(METRO)

    def has_begun(self) -> bool:
        """Tell whether Mei has an account."""
        answer = self._stack.request("GET", "/v1/me/account", token=self._tokens[MEI])
        return answer.status == _OK

    def begin(self, began_at: str | None) -> datetime:
        """Let Mei join some time ago, and return when; her rides are after that."""
        if began_at:
            return datetime.fromisoformat(began_at)
        joined_at = self._stack.now() - AGO
        self._stack.set_clock(joined_at)
        try:
            self._join()
            return self._stack.now()
        finally:
            self._stack.set_clock(None)

    def _join(self) -> None:
        for subject in (MEI, TAO):
            self._ask(subject, "POST", "/v1/me/account", allowed={_OK, _CREATED})
            consent = f"/v1/me/consents/{HOUSEHOLD}/{PLATFORM}"
            self._ask(subject, "PUT", consent, {"notice_version": NOTICE})
        for scenario, partner in (("metro", METRO), ("saved-electricity", GRID)):
            token = self._stack.link_token(partner, "mei")
            body = {"notice_version": NOTICE, "partner_link_token": token}
            self._ask(MEI, "PUT", f"/v1/me/consents/{scenario}/{partner}", body)
        self._ask(MEI, "POST", "/v1/me/household", allowed={_OK, _CREATED})
        if len(self._get("/v1/me/household", MEI)["members"]) == 1:
            share = {"share_bp": TAOS_BP}
            invitation = self._ask(
                MEI, "POST", "/v1/me/household/invitations", share, allowed={_CREATED}
            )
            code = {"code": invitation.json()["code"]}
            self._ask(TAO, "POST", "/v1/me/household/membership", code)

    # ------------------------------------------------------------------------------------- Lin

    def lin_spends(self) -> None:
        """Redeem, retire, give and pool, each a part of what there is."""
        self._redeem()
        before_mg = self._available(LIN)
        retired_mg = before_mg * RETIRED // 100
        certificate = self._retire(LIN, "lin-retires-1", retired_mg, "植树节")
        self._expect("a retirement leaves", before_mg - retired_mg, self._available(LIN))
        self._tell("Lin", "retires", f"{_kg(retired_mg)}, certificate {certificate['number']}")
        self._give(before_mg * GIVEN // 100)
        self._pool(before_mg * POOLED // 100)

    def _redeem(self) -> None:
        points = self._points(LIN)
        offered = self._get("/v1/benefits")["benefits"]
        affordable = [
            each
            for each in offered
            if each["available"]
            and not each["price"]["reduction_mg"]
            and each["price"]["points"] <= points
        ]
        if not affordable:
            self._tell("Lin", "redeems", f"nothing for {points} points")
            return
        benefit = max(affordable, key=lambda each: each["price"]["points"])
        price = benefit["price"]["points"]
        order = {"benefit_id": benefit["benefit_id"], "price": benefit["price"]}
        held = self._move(LIN, "/v1/me/redemptions", "lin-redeems-1", order).json()
        self._stack.drain(SUPPLIER_S_MAX)
        found = self._get(f"/v1/me/redemptions/{held['redemption_id']}", LIN)
        self._expect("a redemption that its supplier fulfilled", "settled", found["state"])
        missing = {"state", "voucher_code"} - found.keys()
        self._expect("what a settled redemption does not say", set(), missing)
        self._expect("a redemption leaves", points - price, self._points(LIN))
        self._tell("Lin", "redeems", f"{benefit['texts']['en']['title']} for {price} points")

    def _give(self, given_mg: int) -> None:
        if not self._get("/v1/me/gifts", LIN)["gifts"]:
            before_mg, has_mg = self._available(LIN), self._available(MEI)
            code = self._ask(MEI, "POST", "/v1/me/gift-codes", allowed={_CREATED}).json()["code"]
            gift = {"code": code, "reduction_mg": given_mg}
            self._move(LIN, "/v1/me/gifts", "lin-gives-1", gift)
            self._expect("a gift leaves", before_mg - given_mg, self._available(LIN))
            self._expect("a gift brings", has_mg + given_mg, self._available(MEI))
        self._tell("Lin", "gives to Mei", _kg(given_mg))

    def _pool(self, pooled_mg: int) -> None:
        pooled_mg = max(pooled_mg, POOLED_MG_MIN)
        self._ask(
            LIN, "PUT", f"/v1/me/consents/{CARBON_POOL}/{PLATFORM}", {"notice_version": NOTICE}
        )
        now = self._stack.now()
        self._stack.invoke(
            "open_pool",
            {
                "pool_id": POOL,
                "title": {"en": "A demo pool", "zh-Hans": "示范资源池"},
                "market": {"en": "A demo market", "zh-Hans": "示范碳普惠市场"},
                # Fixed, so that a second start opens the same pool.
                "opens_at": f"{now:%Y}-01-01T00:00:00+08:00",
                "closes_at": f"{now.year + 1}-12-31T00:00:00+08:00",
                "target_mg": pooled_mg,
                "points_per_kg": POINTS_PER_KG,
            },
        )
        points = self._points(LIN)
        order = {"pool_id": POOL, "reduction_mg": pooled_mg}
        self._move(LIN, "/v1/me/contributions", "lin-pools-1", order)
        for _ in range(PAYOUT_STEPS_MAX):
            closed = self._stack.invoke("close_pool", {"pool_id": POOL})
            if closed["done"]:
                break
        bought_back = pooled_mg * POINTS_PER_KG // MG_PER_KG
        self._expect("a pool pays back", points + bought_back, self._points(LIN))
        self._tell("Lin", "pools", f"{_kg(pooled_mg)}, bought back for {bought_back} points")

    def lin_learns(self) -> None:
        """Answer all of today's questions right, and earn what the answers say."""
        bank = question_bank()
        quiz = self._get("/v1/me/quiz", LIN)
        before, earned = self._points(LIN), 0
        for question in quiz["questions"]:
            if "answer" in question:
                continue
            question_id = question["question_id"]
            option = bank.questions[question_id].answer
            body = {"day": quiz["day"], "option": option}
            graded = self._ask(LIN, "PUT", f"/v1/me/quiz/{question_id}", body).json()
            self._expect("a right answer", option, graded["correct_option"])
            earned += graded["points"]
        self._expect("answers earn", before + earned, self._points(LIN))
        self._tell("Lin", "answers", f"{len(quiz['questions'])} questions, {earned} points")

    def lin_shares(self) -> None:
        """Make a card that anybody sees, and revoke it, after which nobody does."""
        consent = f"/v1/me/consents/{SHARE_CARD}/{PLATFORM}"
        self._ask(LIN, "PUT", consent, {"notice_version": NOTICE})
        wanted = {"period": "all", "style": "leaf", "language": "en", "nickname": "Lin"}
        card = self._move(LIN, "/v1/me/shares", "lin-shares-1", wanted).json()
        links = [urlsplit(card[name]).path for name in ("page", "svg", "png")]
        if self._get("/v1/me/shares", LIN)["shares"][0]["shown"]:
            shown = [self._stack.request("GET", link).status for link in links]
            self._expect("a card is seen", [_OK] * len(links), shown)
        self._ask(LIN, "DELETE", f"/v1/me/shares/{card['share_id']}")
        ended = [self._stack.request("GET", link).status for link in links]
        self._expect("a revoked card is seen", [_GONE] * len(links), ended)
        self._tell("Lin", "shows around", f"{_kg(card['reduction']['reduction_mg'])}, and no more")

    # ------------------------------------------------------------------------------------- Mei

    def mei_is_put_right(self, began_at: datetime) -> None:
        """Ride; see a ride reversed, one disputed and a missing one credited; then owe, and pay."""
        given_mg = self._available(MEI)
        self._ride(began_at, 1, 2, 3)
        self._expect("three rides bring", given_mg + 3 * RIDE_MG, self._available(MEI))
        self._reverse(self._ride_id(1))
        self._expect("a reversal leaves", given_mg + 2 * RIDE_MG, self._available(MEI))
        self._tell("the metro", "takes back", f"a ride of Mei's, {_kg(RIDE_MG)}")
        self._dispute(self._ride_id(2))
        self._expect("a dispute leaves", given_mg + RIDE_MG, self._available(MEI))
        self._tell("Mei", "disputes", "a ride that was not hers; the metro agrees")
        self._report_missing(began_at)
        self._expect("a missing ride brings", given_mg + 2 * RIDE_MG, self._available(MEI))
        self._tell("Mei", "reports", "a ride that was missing; the metro agrees")
        self._save(began_at)
        all_mg = self._available(MEI)
        self._retire(MEI, "mei-retires-1", all_mg, "a flight home")
        self._tell("Mei", "retires all", _kg(all_mg))
        order = {"partner": METRO, "event_id": self._ride_id(3), "reason": "did_not_happen"}
        self._stack.invoke("reverse_entry", {**order, "operator": "demo", "apply": True})
        owed_mg = self._get("/v1/me/account", MEI)["reductions"]["debt_mg"]
        self._expect("what was spent and reversed is owed", RIDE_MG, owed_mg)
        self._tell("an operator", "takes back", f"a ride that was spent: {_kg(owed_mg)} are owed")
        self._ride(began_at, 4)
        standing = self._get("/v1/me/account", MEI)["reductions"]
        self._expect(
            "new credit pays first", (0, 0), (standing["debt_mg"], standing["available_mg"])
        )
        self._tell("Mei", "rides again", "and nothing is owed any more")

    def _save(self, began_at: datetime) -> None:
        meis_mg = self._available(MEI)
        data = {"baseline_kwh": 12, "actual_kwh": 8}
        self._report(GRID, [_event(GRID, "saved-electricity", "worth-saving-1", began_at, data)])
        self._expect("Mei's part", meis_mg + SAVED_MG - TAOS_MG, self._available(MEI))
        self._expect("Tao's part", TAOS_MG, self._available(TAO))
        self._tell(
            "Mei and Tao", "share", f"{_kg(SAVED_MG)} that they saved; {_kg(TAOS_MG)} are Tao's"
        )

    def _ride(self, began_at: datetime, *numbers: int) -> None:
        ride = {"distance_km": RIDE_KM}
        events = [
            _event(METRO, "metro", self._ride_id(number), began_at + number * APART, ride)
            for number in numbers
        ]
        self._report(METRO, events)

    def _report(self, partner: str, events: Sequence[Event]) -> None:
        results = self._stack.send_events(partner, events)
        self._expect("events at the door", {"accepted"}, {each.status for each in results})
        self._stack.drain()

    @staticmethod
    def _ride_id(number: int) -> str:
        return f"worth-ride-{number}"

    def _reverse(self, event_id: str) -> None:
        body = {"event_id": event_id, "reason": "cancelled"}
        self._signed(f"/v1/partners/{METRO}/events/{event_id}/reversal", body)

    def _dispute(self, event_id: str) -> None:
        entries = self._get("/v1/me/entries?limit=50", MEI)["entries"]
        entry = next(each for each in entries if each["event_id"] == event_id)
        path = f"/v1/me/entries/{entry['entry_id']}/disputes"
        opened = self._move(MEI, path, "mei-disputes-1", {"kind": "not_mine"}).json()
        self._agree(opened["dispute_id"])

    def _report_missing(self, began_at: datetime) -> None:
        claim = {
            "scenario": "metro",
            "partner": METRO,
            "occurred_at": format_instant(began_at + MISSED * APART),
            "inputs": {"distance_km": RIDE_KM},
        }
        opened = self._move(MEI, "/v1/me/disputes", "mei-reports-1", claim).json()
        self._agree(opened["dispute_id"])

    def _agree(self, dispute_id: str) -> None:
        body = {"dispute_id": dispute_id, "answer": "accept"}
        self._signed(f"/v1/partners/{METRO}/disputes/{dispute_id}/answer", body)

    # ------------------------------------------------------------------------------------ Asking

    def _retire(self, subject: str, key: str, reduction_mg: int, occasion: str) -> Any:
        """Retire, ask the same again, and verify what anybody can read of it."""
        order = {"reduction_mg": reduction_mg, "occasion": occasion}
        first = self._move(subject, "/v1/me/retirements", key, order)
        again = self._move(subject, "/v1/me/retirements", key, order)
        self._expect("a repeated retirement", first.body, again.body)
        retirement = first.json()
        body = self._get(retirement["certificate"])
        keys = tuple(self._get("/v1/keys")["keys"])
        findings = verify_certificate(body, keys, {}).findings
        self._expect("findings in a certificate", [], findings)
        return body["certificate"]

    def _move(self, subject: str, path: str, key: str, body: Mapping[str, Any]) -> Answer:
        return self._ask(
            subject, "POST", path, body, headers={"idempotency-key": key}, allowed={_CREATED}
        )

    def _ask(
        self,
        subject: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        allowed: Sequence[int] | set[int] = (_OK,),
    ) -> Answer:
        answer = self._stack.request(
            method, path, token=self._tokens[subject], body=body, headers=headers
        )
        if answer.status not in allowed:
            raise LocalError(f"{subject}: {method} {path} was answered {_told(answer)}")
        return answer

    def _signed(self, path: str, body: Mapping[str, Any]) -> None:
        text = _dump(body)
        headers = {
            "content-type": "application/json",
            **self._partner.sign(text, self._stack.now()),
        }
        answer = self._stack.request("POST", path, headers=headers, body=text.encode())
        self._expect(f"{METRO}: POST {path}", _OK, answer.status)

    def _get(self, path: str, subject: str | None = None) -> Any:
        token = self._tokens[subject] if subject else None
        return self._stack.request("GET", path, token=token).json()

    def _available(self, subject: str) -> int:
        return int(self._get("/v1/me/account", subject)["reductions"]["available_mg"])

    def _points(self, subject: str) -> int:
        return int(self._get("/v1/me/account", subject)["points"]["available"])

    def _tell(self, who: str, what: str, result: str) -> None:
        self.worth.deeds.append(Deed(who, what, result))

    def _expect(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.worth.mismatches.append(Mismatch(what, expected, found))


def _event(
    partner: str, scenario: str, event_id: str, occurred_at: datetime, data: Mapping[str, int]
) -> Event:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"urn:partner:{partner}",
        "type": f"carbon.{scenario}.v1",
        "time": format_instant(occurred_at),
        "subject": "mei",
        "data": data,
    }


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kg(amount_mg: int) -> str:
    return f"{amount_mg / MG_PER_KG:.6f} kg"
