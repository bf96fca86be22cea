"""2,000 stays for the Medicare Code Editor: random ones, and ones made to meet an edit or to miss it by a hair."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from query_mgr.coding.scrub.case import Case, Diagnosis, Procedure
from query_mgr.coding.scrub.code_tables import tables
from tests.coding.code_book import diagnoses, dotted, headers, procedures

FIRST, LAST = date(2022, 10, 1), date(2026, 9, 30)
#: days on either side of a change of version
EDGES = tuple(
    day for year in range(2022, 2027) for day in (date(year, 4, 1), date(year, 10, 1)) if FIRST < day <= LAST
)
AGES = (0, 1, 8, 9, 14, 15, 17, 18, 59, 60, 61, 64, 65, 90, 124)
SEXES = ("female", "male")
STATUS = ("01", "02", "03", "06", "07", "20", "50", "62", "65", "81", "95")
NOT_STATUS = ("00", "08", "09", "40", "42", "60", "67", "71", "80", "99")
#: 250.00 is ICD-9-CM; N17.9X and S72.001 lack what their neighbours have
NOT_A_DIAGNOSIS = ("25000", "N179X", "S72001", "ZZZ99", "E1199", "T4501A", "I5")
NOT_A_PROCEDURE = ("0DTJ4ZI", "0DTJ4Z", "9955", "0ZZZZZZ", "XXXXXXX")
Reportable = Callable[[str, date], bool]


@dataclass(frozen=True)
class Stay:
    """One generated stay; codes without dot, the principal diagnosis first. An `age` of -1 is an impossible one."""

    number: int
    twist: str
    on: date
    age: int
    sex: str
    status: str
    days: int
    dx: tuple[str, ...]
    px: tuple[str, ...] = ()


@dataclass
class Generator:
    """Draws stays from a seed. reportable: whether a code of ../shared was valid on a day before its edition began."""

    shared: Path
    reportable: Reportable
    seed: int = 20_261
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Start at the seed."""
        self.draw = random.Random(self.seed)

    @cached_property
    def dx(self) -> tuple[str, ...]:
        """All diagnosis codes."""
        return tuple(sorted(diagnoses(self.shared)))

    @cached_property
    def px(self) -> tuple[str, ...]:
        """All procedure codes."""
        return tuple(sorted(procedures(self.shared)))

    def stays(self, count: int) -> Iterator[Stay]:
        """Yield `count` stays; every third is plain."""
        twists = list(TWISTS)
        for number in range(count):
            stay = self._plain(number)
            if number % 3:
                twist = twists[self.draw.randrange(len(twists))]
                stay = replace(TWISTS[twist](self, stay), twist=twist)
            yield stay

    def _plain(self, number: int) -> Stay:
        day = FIRST + timedelta(days=self.draw.randrange((LAST - FIRST).days + 1))
        if self.draw.random() < 0.15:
            day = self.draw.choice(EDGES) - timedelta(days=self.draw.randrange(2))
        sex = self.draw.choice(SEXES)
        stay = Stay(
            number, "plain", day, self.draw.choice((*AGES, *range(18, 99, 3))), sex,
            self.draw.choice(STATUS), self.draw.randrange(5, 21), (),
        )  # fmt: skip
        dx = [self.code(self.dx, stay) for _ in range(self.draw.randrange(1, 9))]
        px = [self.code(self.px, stay) for _ in range(self.draw.randrange(0, 4))]
        return replace(stay, dx=tuple(dx), px=tuple(px))

    def code(self, pool: Sequence[str], stay: Stay) -> str:
        """Draw a code that can be reported on the day and is not of the other sex."""
        for _ in range(1000):
            code = pool[self.draw.randrange(len(pool))]
            if self._fits(code, pool is self.px, stay):
                return code
        raise AssertionError(f"no code of {pool[:3]} can be reported on {stay.on}")

    def near(self, file: str, key: str, stay: Stay, *, any_sex: bool = False) -> str:
        """Draw a code that begins like a row of a list: mostly one of it, sometimes a neighbour in its category."""
        pool = self.px if file == "mce_procedures.csv" or key == "procedure" else self.dx
        rows = tuple(tables(file)[key].beginnings())
        for _ in range(1000):
            row = self.draw.choice(rows)
            row = row[: max(3, len(row) - self.draw.randrange(3))] if self.draw.random() < 0.3 else row
            found = pool[bisect_left(pool, row) : bisect_left(pool, row + "~")]
            for _ in range(5 if found else 0):
                code = self.draw.choice(found)
                if self._fits(code, pool is self.px, stay, any_sex):
                    return code
        raise AssertionError(f"no code of {file}, {key}")

    def _fits(self, code: str, is_procedure: bool, stay: Stay, any_sex: bool = False) -> bool:
        sexes = tables("mce_sex.csv")["procedure" if is_procedure else "diagnosis"]
        if not any_sex and sexes.value(code, stay.on) not in ("", stay.sex):
            return False
        return self.reportable(code, stay.on)


def _principal(key: str) -> Callable[[Generator, Stay], Stay]:
    return lambda by, stay: replace(stay, dx=(by.near("mce_principal.csv", key, stay), *stay.dx[1:]))


def _procedure(key: str) -> Callable[[Generator, Stay], Stay]:
    return lambda by, stay: replace(stay, px=(*stay.px, by.near("mce_procedures.csv", key, stay)))


def _duplicate(by: Generator, stay: Stay) -> Stay:
    times = by.draw.randrange(1, 3)
    return replace(stay, dx=(*stay.dx, *stay.dx[:1] * times, *stay.dx[1:2]))


def _age(by: Generator, stay: Stay) -> Stay:
    return replace(stay, dx=(*stay.dx, by.near("mce_age.csv", "age", stay)), age=by.draw.choice(AGES))


def _sex(by: Generator, stay: Stay) -> Stay:
    if by.draw.random() < 0.6:
        return replace(stay, dx=(*stay.dx, by.near("mce_sex.csv", "diagnosis", stay, any_sex=True)))
    return replace(stay, px=(*stay.px, by.near("mce_sex.csv", "procedure", stay, any_sex=True)))


def _unspecified(by: Generator, stay: Stay) -> Stay:
    return replace(stay, dx=(*stay.dx, *(by.near("mce_unspecified.csv", "unspecified", stay) for _ in range(3))))


def _sterilization(by: Generator, stay: Stay) -> Stay:
    asked = ("Z302",) if by.draw.random() < 0.6 else ()
    stay = replace(stay, age=by.draw.choice((25, 38, 44)))
    code = by.near("mce_procedures.csv", "sterilization", stay)
    return replace(stay, dx=(*stay.dx, *asked), px=(*stay.px, code))


def _pancreas(by: Generator, stay: Stay) -> Stay:
    indication = by.draw.choice(("E1022", "E891", "E1122", "E0822", "E109", "N186"))
    return replace(stay, dx=(*stay.dx, indication), px=("0FYG0Z" + by.draw.choice("012"), "0TY00Z0"))


def _disc(by: Generator, stay: Stay) -> Stay:
    return replace(
        stay, px=(*stay.px, by.draw.choice(("0SR20JZ", "0SR40JZ"))), age=by.draw.choice((40, 59, 60, 61, 75))
    )


def _delivery(by: Generator, stay: Stay) -> Stay:
    stay = replace(stay, sex="female", age=by.draw.choice((8, 9, 30, 64, 65)), dx=(), px=())
    code = by.near("mce_procedures.csv", "delivery", stay)
    outcome = (by.draw.choice(("Z370", "Z372", "Z3761", "Z379")),) if by.draw.random() < 0.5 else ()
    return replace(stay, dx=("O80" if not outcome else "O702", *outcome), px=(code,))


def _invalid(by: Generator, stay: Stay) -> Stay:
    wrong = by.draw.choice((*NOT_A_DIAGNOSIS, *by.draw.sample(headers(by.shared), 6)))
    dx = (wrong, *stay.dx[1:]) if by.draw.random() < 0.5 else (*stay.dx, wrong)
    return replace(
        stay, dx=dx, px=(*stay.px, by.draw.choice(NOT_A_PROCEDURE)) if by.draw.random() < 0.5 else stay.px
    )


def _alone(by: Generator, stay: Stay) -> Stay:
    return replace(stay, dx=("Z5189", *(stay.dx[1:2] if by.draw.random() < 0.4 else ())))


def _wrong(by: Generator, stay: Stay) -> Stay:
    return replace(stay, dx=(*stay.dx, *by.draw.choices(("Y6551", "Y6552", "Y6553", "Y658"), k=2)))


def _stay(by: Generator, stay: Stay) -> Stay:
    chance = by.draw.random()
    if chance < 0.06:
        return replace(stay, sex="unknown")
    if chance < 0.2:
        return replace(
            stay, px=(*stay.px, "5A1955Z"), days=by.draw.randrange(1, 9), age=by.draw.choice((2, 4, 5, 40))
        )
    if chance < 0.6:
        return replace(stay, status=by.draw.choice(NOT_STATUS))
    return replace(stay, age=by.draw.choice((-1, 125, 140)))


TWISTS: dict[str, Callable[[Generator, Stay], Stay]] = {
    **{f"principal: {key}": _principal(key) for key in
       ("unacceptable", "manifestation", "questionable", "external", "wrong-procedure")},
    **{f"procedure: {key}": _procedure(key) for key in ("noncovered", "limited")},
    "duplicate": _duplicate, "age": _age, "unspecified": _unspecified, "sterilization": _sterilization,
    "pancreas": _pancreas, "disc": _disc, "delivery": _delivery, "invalid": _invalid, "alone": _alone, "wrong": _wrong,
    "stay": _stay, "sex": _sex,
}  # fmt: skip


def case_of(stay: Stay, shared: Path) -> Case:
    """Return a stay as the edits see it, every code judged by the lists of ../shared."""
    admitted = stay.on - timedelta(days=stay.days)
    born = date(admitted.year - stay.age, admitted.month, min(admitted.day, 28)) if stay.age >= 0 else stay.on
    titles, known = diagnoses(shared), procedures(shared)
    return Case(
        encounter=f"stay-{stay.number}", kind="inpatient", admitted_on=admitted, discharged_on=stay.on,
        coded_on=stay.on, sex=stay.sex, birth_on=born, disposition=stay.status,
        diagnoses=tuple(
            Diagnosis(f"d{n}", dotted(code), titles.get(code, ""), n, "Y",
                      why_invalid="" if code in titles else "no code of the edition")
            for n, code in enumerate(stay.dx, start=1)
        ),
        procedures=tuple(
            Procedure(f"p{n}", code, known.get(code, ""), n, why_invalid="" if code in known else "no code")
            for n, code in enumerate(stay.px, start=1)
        ),
    )  # fmt: skip
