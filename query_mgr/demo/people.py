"""The people of Riverbend Medical Center. Every name is made up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from query_mgr.charts.records import PatientRecord, ProviderRecord

FACILITY = "Riverbend Medical Center"
MAIL_DOMAIN = "riverbend.example"
PAYERS = (
    "Medicare",
    "Medicare",
    "Medicare Advantage",
    "Medicare Advantage",
    "Medicaid",
    "Commercial PPO",
    "Self-pay",
)

#: What stands before an NPI when its check digit is computed (ISO issuer prefix for US health identifiers).
NPI_PREFIX = "80840"


@dataclass(frozen=True)
class StaffUser:
    """Somebody who signs in to the staff pages; `role` is a role name of accounts.permissions."""

    email: str
    username: str
    name: str
    credentials: str
    role: str


@dataclass(frozen=True)
class DemoProvider:
    """A provider under the key that scenarios name ("cardiology")."""

    key: str
    record: ProviderRecord
    email: str
    author_role: str  # attending | advanced_practice | radiologist, when writing in the own service


@dataclass(frozen=True)
class NonProvider:
    """Somebody who writes in charts but may not document a diagnosis."""

    name: str
    author_role: str


def luhn_digit(digits: str) -> int:
    """Return the Luhn check digit that belongs after `digits`."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def npi(serial: int) -> str:
    """Return a well-formed NPI for the demo: it starts with 2, which NPPES has not begun to issue."""
    nine = f"2{serial:08d}"
    return f"{nine}{luhn_digit(NPI_PREFIX + nine)}"


_STAFF = (
    ("Denise Okafor", "RHIT, CCS", "coder"),
    ("Marcus Lindqvist", "CCS", "coder"),
    ("Priya Raghunathan", "RN, CCDS", "cdi"),
    ("Tomasz Wierzba", "RN, BSN, CCDS", "cdi"),
    ("Beatrice Nakamura-Holt", "RN, CCDS", "cdi_lead"),
    ("Jonah Adeyemi", "RN", "trainee"),
    ("Lorraine Castellanos", "RHIA, CCDS, CDIP", "cdi_manager"),
    ("Hannah Brightwater", "MD", "physician_advisor"),
    ("Gilbert Achterberg", "RHIA, CHC", "auditor"),
    ("Yolanda Prewitt", "CPB", "biller"),
    ("Desmond Farrugia", "", "admin"),
)

# key, name, credentials, specialty, service line, role in a chart
_PROVIDERS = (
    ("hospitalist_1", "Anjali Venkataraman", "MD", "Hospital Medicine", "Hospital Medicine", "attending"),
    ("hospitalist_2", "Owen Gallagher-Reyes", "DO", "Hospital Medicine", "Hospital Medicine", "attending"),
    ("hospitalist_3", "Ifeoma Nwachukwu", "MD", "Hospital Medicine", "Hospital Medicine", "attending"),
    ("hospitalist_np", "Carolyn Mbeki-Stone", "NP", "Hospital Medicine", "Hospital Medicine", "advanced_practice"),
    ("hospitalist_pa", "Luis Echevarria", "PA-C", "Hospital Medicine", "Hospital Medicine", "advanced_practice"),
    ("cardiology", "Samuel Oyelaran", "MD", "Cardiology", "Cardiology", "attending"),
    ("critical_care", "Ingrid Halvorsen", "MD", "Pulmonary and Critical Care", "Critical Care", "attending"),
    ("nephrology", "Farid Tehranian", "MD", "Nephrology", "Nephrology", "attending"),
    ("gastroenterology", "Beatriz Montenegro", "MD", "Gastroenterology", "Gastroenterology", "attending"),
    ("infectious_disease", "Wei-Lin Tsao", "MD", "Infectious Disease", "Hospital Medicine", "attending"),
    ("neurology", "Katarzyna Zielonka", "MD", "Neurology", "Neurology", "attending"),
    ("surgery", "Terrence Whitlock", "MD", "General Surgery", "Surgery", "attending"),
    ("orthopedics", "Rashid El-Amin", "MD", "Orthopedic Surgery", "Orthopedics", "attending"),
    ("obstetrics", "Noelani Kahale", "MD", "Obstetrics and Gynecology", "Women's Health", "attending"),
    ("emergency", "Patrick Dunleavy", "MD", "Emergency Medicine", "Emergency", "attending"),
    ("radiology", "Miriam Abramovitz", "MD", "Diagnostic Radiology", "Radiology", "radiologist"),
)

NURSES = tuple(
    NonProvider(name, "nurse")
    for name in (
        "Alicia Tremont, RN",
        "Jerome Haddad, RN",
        "Soo-Jin Bae, RN",
        "Bridget O'Malley, RN",
        "Emeka Duru, RN",
        "Paulina Ferreira, RN",
    )
)
DIETITIAN = NonProvider("Graciela Thornbury, RDN, LD", "dietitian")
WOUND_NURSE = NonProvider("Colette Vandermeer, RN, CWOCN", "nurse")
THERAPIST = NonProvider("Nathan Birdsong, PT, DPT", "therapist")
NON_PROVIDERS = {"dietitian": DIETITIAN, "wound_nurse": WOUND_NURSE, "therapist": THERAPIST}

_FAMILY = tuple(
    """Abernathy Alvarado Baptiste Bergstrom Bhattacharya Blackfeather Bouchard Calloway Castellano Chaudhry Cisneros
Cochrane Dang Delacroix Dimitriou Duquesne Eastwood Engstrom Fairweather Figueroa Fontaine Gebremariam Goldblum
Guerrero Hakimi Hargrove Hashimoto Holloway Ibarra Ivanova Jankowski Jimerson Kaczmarek Kalani Kensington Khalil
Kowalczyk Lafayette Larkspur Lindholm Macready Maldonado Mbatha McAllister Mendoza Mikkelsen Nakagawa Ndiaye
Novak Obregon Okonkwo Ostrander Palmieri Papadakis Pennington Quintana Rademacher Ramaswamy Rosales Rutherford
Saldivar Schaefer Sherwood Sorensen Strickland Takahashi Tessier Thibodeaux Tran Underhill Vasquez Villanueva
Wadsworth Whitehorse Winslow Xiong Yarborough Yamada Zamora Zeller
    """.split()  # noqa: SIM905 - a list of names, not of quotes
)
_FEMALE = tuple(
    """Adaeze Agnes Bernadette Camila Charlotte Constance Delphine Dolores Eleanor Esther Fatima Geraldine Harriet
Imelda Irene Josephine Kavita Leilani Loretta Lucille Margit Mei Nadia Opal Pearl Philippa Rosalind Ruth Shirin
Tamika Ursula Vivian Wanda Yesenia Zora
    """.split()  # noqa: SIM905 - a list of names, not of quotes
)
_MALE = tuple(
    """Abdul Alphonse Amos Benedict Bertrand Cedric Clifford Dmitri Earl Edmund Ezekiel Floyd Gustavo Hiroshi Horace
Isidro Jamal Kenji Lamont Leopold Lionel Matteo Nikolai Orville Percival Quang Ramon Reuben Sergio Thaddeus Tobias
Ulysses Vernon Wendell Yusuf
    """.split()  # noqa: SIM905 - a list of names, not of quotes
)


def _address(name: str) -> str:
    """Return the mail address for a name: first initial and last name, letters only."""
    first, last = name.split()[0], name.split()[-1]
    return "".join(sign for sign in f"{first[0]}{last}".lower() if sign.isalnum()) + f"@{MAIL_DOMAIN}"


def staff() -> tuple[StaffUser, ...]:
    """Return the staff of the demo, one entry per person."""
    people = []
    for name, credentials, role in _STAFF:
        email = _address(name)
        people.append(StaffUser(email, email.partition("@")[0], name, credentials, role))
    return tuple(people)


def providers() -> tuple[DemoProvider, ...]:
    """Return the providers of the demo."""
    found = []
    for serial, (key, name, credentials, specialty, line, role) in enumerate(_PROVIDERS, start=1):
        record = ProviderRecord(
            source_key=f"riverbend|{key}",
            name=name,
            credentials=credentials,
            npi=npi(40_110_000 + serial * 37),
            specialty=specialty,
            service_line=line,
        )
        found.append(DemoProvider(key, record, _address(name), role))
    return tuple(found)


def patient(rng: random.Random, number: int, sex: str, age: int, on: date) -> PatientRecord:
    """Return the `number`-th patient, `age` years old on `on`, of the given sex."""
    given = rng.choice(_FEMALE if sex == "female" else _MALE)
    middle = rng.choice("ABCDEFGHJKLMNPRSTW")
    born = date(on.year - age, 1, 1) + timedelta(days=rng.randrange(365))
    if (born.month, born.day) > (on.month, on.day):
        born = date(born.year - 1, born.month, min(born.day, 28))
    return PatientRecord(
        source_key=f"riverbend/patient-{number:04d}",
        mrn=f"{700_000 + number * 131:08d}",
        family_name=_FAMILY[(number * 31) % len(_FAMILY)],
        given_names=f"{given} {middle}.",
        birth_on=born,
        sex=sex,
    )
