"""The demo users: what each allows, how each lives, and what each changes during the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.seed.partners import (
    BANK,
    BIKE,
    ELECTRICITY,
    HEALTH,
    METRO,
    RECYCLER,
    SOUTHERN_METRO,
    TICKETS,
    WORKPLACE,
)

REFERENCE_PREFIXES: Mapping[str, str] = {
    METRO.partner: "card",
    SOUTHERN_METRO.partner: "rider",
    BIKE.partner: "member",
    BANK.partner: "customer",
    RECYCLER.partner: "donor",
    ELECTRICITY.partner: "meter",
    HEALTH.partner: "phone",
    TICKETS.partner: "guest",
    WORKPLACE.partner: "reader",
}


class Hours(StrEnum):
    """When somebody is on the way."""

    RUSH = "rush"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Habit:
    """A daily habit: from-to numbers of times on weekdays and at weekends.

    `milli` is the from-to quantity of one time in thousandths of its unit: metres, grams.
    """

    scenario: str
    partner: str
    weekday: tuple[int, int]
    weekend: tuple[int, int]
    milli: tuple[int, int] = (0, 0)
    hours: Hours = Hours.RUSH


class ChangeKind(StrEnum):
    OPEN = "open"
    GRANT = "grant"
    WITHDRAW = "withdraw"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody does when so many percent of the month have passed.

    `scenario` and `partner` narrow a grant or withdrawal down; without them it is of everything.
    """

    percent: int
    kind: ChangeKind
    scenario: str = ""
    partner: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A user. `consents` pairs scenario and partner; `is_customer` is of the bank."""

    name: str
    number: int
    habits: tuple[Habit, ...]
    consents: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    is_customer: bool = True

    @property
    def subject(self) -> str:
        """Who the token says it is."""
        return f"demo-{self.name.lower()}"

    def reference(self, partner: str) -> str:
        """Return what the partner calls this person."""
        return f"{REFERENCE_PREFIXES[partner]}-{4000 + self.number}"


METRO_RIDE = ("metro", METRO.partner)
BUS_RIDE = ("bus", METRO.partner)
SOUTHERN_RIDE = ("metro", SOUTHERN_METRO.partner)
BIKE_RIDE = ("shared-bike", BIKE.partner)
STATEMENT = ("e-statement", BANK.partner)
CARD = ("digital-card", BANK.partner)
BILL = ("online-bill-payment", BANK.partner)
WALK = ("walking", HEALTH.partner)
PAPER = ("paper-recycling", RECYCLER.partner)
CLOTHES = ("second-hand-clothes", RECYCLER.partner)
DRIVE = ("ev-driving", ELECTRICITY.partner)
CHARGE = ("ev-charging", ELECTRICITY.partner)
MEAL = ("no-cutlery", TICKETS.partner)
BOOK = ("e-reading", WORKPLACE.partner)
ALL_OF_THE_BANK = (STATEMENT, CARD, BILL)

JOINS = (Change(0, ChangeKind.OPEN), Change(0, ChangeKind.GRANT))

PEOPLE: tuple[Person, ...] = (
    Person(  # the commuter, whose statement the demo shows
        "Lin",
        1,
        (
            Habit(*METRO_RIDE, (2, 3), (0, 2), (6_000, 14_000)),
            Habit(*BUS_RIDE, (1, 2), (0, 1), (1_500, 6_000)),
            Habit(*BIKE_RIDE, (1, 2), (0, 1), (600, 2_400)),
        ),
        (METRO_RIDE, BUS_RIDE, BIKE_RIDE, *ALL_OF_THE_BANK),
        JOINS,
    ),
    Person(  # the cyclist
        "Wang",
        2,
        (Habit(*BIKE_RIDE, (3, 5), (3, 6), (1_200, 9_000)),),
        (BIKE_RIDE, STATEMENT, BILL),
        JOINS,
    ),
    Person(  # the pensioner
        "Zhao",
        3,
        (Habit(*BUS_RIDE, (2, 4), (1, 3), (1_000, 8_000), Hours.DAY),),
        (BUS_RIDE, STATEMENT),
        JOINS,
    ),
    Person(  # the courier, who is over the daily caps on most days
        "Chen",
        4,
        (
            Habit(*METRO_RIDE, (5, 8), (4, 7), (3_000, 25_000), Hours.DAY),
            Habit(*BIKE_RIDE, (7, 10), (6, 10), (400, 3_500), Hours.DAY),
        ),
        (METRO_RIDE, BIKE_RIDE, CARD),
        JOINS,
    ),
    Person(  # the student, who goes home at weekends
        "Sun",
        5,
        (
            Habit(*BIKE_RIDE, (2, 3), (0, 1), (500, 4_000), Hours.DAY),
            Habit(*SOUTHERN_RIDE, (0, 0), (2, 3), (9_000, 40_000), Hours.DAY),
        ),
        (BIKE_RIDE, SOUTHERN_RIDE, STATEMENT, CARD),
        JOINS,
    ),
    Person(  # works in two cities: one cap for the metro of both
        "Zhou",
        6,
        (
            Habit(*METRO_RIDE, (2, 3), (1, 2), (5_000, 18_000)),
            Habit(*SOUTHERN_RIDE, (1, 3), (0, 1), (4_000, 22_000)),
        ),
        (METRO_RIDE, SOUTHERN_RIDE, STATEMENT),
        JOINS,
    ),
    Person(  # withdraws one consent, and grants it again
        "Wu",
        7,
        (
            Habit(*METRO_RIDE, (2, 4), (1, 2), (4_000, 12_000)),
            Habit(*BUS_RIDE, (1, 2), (0, 1), (1_000, 5_000)),
        ),
        (METRO_RIDE, BUS_RIDE, STATEMENT, BILL),
        (
            *JOINS,
            Change(30, ChangeKind.WITHDRAW, *METRO_RIDE),
            Change(55, ChangeKind.GRANT, *METRO_RIDE),
        ),
    ),
    Person(  # closes the account; the partners do not know and go on
        "Zheng",
        8,
        (
            Habit(*METRO_RIDE, (2, 2), (0, 1), (7_000, 11_000)),
            Habit(*BIKE_RIDE, (1, 2), (0, 1), (700, 2_500)),
        ),
        (METRO_RIDE, BIKE_RIDE, STATEMENT),
        (*JOINS, Change(60, ChangeKind.CLOSE)),
    ),
    Person(  # joins late
        "Feng",
        9,
        (
            Habit(*METRO_RIDE, (2, 3), (0, 2), (5_000, 9_000)),
            Habit(*BUS_RIDE, (1, 2), (1, 2), (900, 4_000)),
        ),
        (METRO_RIDE, BUS_RIDE),
        (Change(37, ChangeKind.OPEN), Change(37, ChangeKind.GRANT)),
        is_customer=False,
    ),
    Person(  # closes the account and opens another one later: nothing of the first comes back
        "He",
        10,
        (
            Habit(*METRO_RIDE, (2, 3), (1, 2), (3_000, 15_000)),
            Habit(*BUS_RIDE, (1, 1), (0, 1), (1_000, 3_000)),
        ),
        (METRO_RIDE, BUS_RIDE, STATEMENT),
        (
            *JOINS,
            Change(40, ChangeKind.CLOSE),
            Change(67, ChangeKind.OPEN),
            Change(67, ChangeKind.GRANT),
        ),
    ),
    Person(  # opens an account and consents to nothing
        "Qian",
        11,
        (Habit(*METRO_RIDE, (2, 3), (0, 2), (6_000, 8_000)),),
        (),
        (Change(0, ChangeKind.OPEN),),
    ),
    Person(  # pays a bill a day: more than a month's cap
        "Gao",
        12,
        (Habit(*BILL, (1, 1), (1, 1), hours=Hours.DAY),),
        ALL_OF_THE_BANK,
        JOINS,
    ),
    Person(  # walks, reads, gives things back
        "Xu",
        13,
        (
            Habit(*WALK, (1, 1), (1, 1), (3_000_000, 14_000_000), Hours.DAY),
            Habit(*PAPER, (0, 0), (0, 1), (800, 6_000), Hours.DAY),
            Habit(*CLOTHES, (0, 0), (0, 1), (500, 4_000), Hours.DAY),
            Habit(*MEAL, (0, 1), (0, 2), hours=Hours.DAY),
            Habit(*BOOK, (0, 0), (0, 1), hours=Hours.DAY),
        ),
        (WALK, PAPER, CLOTHES, MEAL, BOOK),
        JOINS,
        is_customer=False,
    ),
    Person(  # whose car and charging station both report: one day counts by one of them
        "Deng",
        14,
        (
            Habit(*DRIVE, (1, 2), (0, 2), (5_000, 60_000), Hours.DAY),
            Habit(*CHARGE, (0, 1), (0, 1), (6_000, 45_000), Hours.DAY),
        ),
        (DRIVE, CHARGE, STATEMENT),
        JOINS,
    ),
)
