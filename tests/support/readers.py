"""People of a stack that runs, who have something to look at on the account page."""

from datetime import timedelta
from typing import Final

from infra.local.stack import LocalStack
from infra.seed.partners import BIKE, METRO, seed_partners

# By scenario: the partner that reports it, and its events on each of two days, within the caps.
RIDES: Final = {"metro": (METRO, 5), "bus": (METRO, 5), "shared-bike": (BIKE, 1)}
ENTRIES: Final = 22


def register_partners(stack: LocalStack) -> None:
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)


def open_empty(stack: LocalStack, subject: str) -> None:
    """Open an account that has no entries and no consents."""
    answer = stack.request("POST", "/v1/me/account", token=stack.token(subject))
    assert answer.status in {200, 201}, answer.body


def open_with_rides(stack: LocalStack, subject: str) -> None:
    """Open an account with three consents and 22 entries, of today and of yesterday.

    They were consented to three days ago; the partners are registered before.
    """
    now = stack.now()
    stack.set_clock(now - timedelta(days=3))
    try:
        open_empty(stack, subject)
        notices = stack.request("GET", "/v1/notices").json()["notices"]
        versions = {each["scenario"]: each["version"] for each in notices}
        for scenario, (partner, _) in RIDES.items():
            link = stack.link_token(partner.partner, f"{partner.partner}-{subject}")
            body = {"notice_version": versions[scenario], "partner_link_token": link}
            path = f"/v1/me/consents/{scenario}/{partner.partner}"
            answer = stack.request("PUT", path, token=stack.token(subject), body=body)
            assert answer.status == 200, answer.body
    finally:
        stack.set_clock(None)
    for partner in (METRO, BIKE):
        events = [
            {
                "specversion": "1.0",
                "id": f"{subject}-{scenario}-{days}-{number}",
                "source": partner.source,
                "type": f"carbon.{scenario}.v1",
                "time": (now - timedelta(days=days, seconds=number)).isoformat(),
                "subject": f"{partner.partner}-{subject}",
                "data": {"distance_km": 2 + number},
            }
            for scenario, (reporter, count) in RIDES.items()
            if reporter == partner
            for days in (0, 1)
            for number in range(count)
        ]
        results = stack.send_events(partner.partner, events)
        assert {each.status for each in results} == {"accepted"}, results
    stack.drain()
