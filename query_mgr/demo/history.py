"""Half a year of queries, made by the same actions that people use, with the clock moved through time."""

from __future__ import annotations

import heapq
import random
import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.session import Actor, actor_of
from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodingError
from query_mgr.delivery import leasing
from query_mgr.delivery.retry import classify
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, compose, cosign, lifecycle, sending, spoken
from query_mgr.queries.followup import covering, running
from query_mgr.queries.followup.models import DepartmentLead
from query_mgr.queries.followup.reading import Calendars
from query_mgr.queries.library.fitting import Match
from query_mgr.queries.lint import is_compliant
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond import actions as respond
from query_mgr.respond import answering, asking
from query_mgr.respond.models import Answer, QueryLink

FOLLOWED_DAYS = 200
PER_STAY = 4  # at most so many queries about one stay
CHECKED = "The evidence was checked against the chart."
#: how often the queries of a stay go out in one mail, one is a talk, or a lead gives one back; in parts of a hundred
TOGETHER, SPOKEN, GIVEN_BACK = 20, 4, 10

#: what providers do with a query, in parts of a hundred; the rest never answers
ANSWERS, QUESTIONS_BACK, CANCELLED, REFUSED_MAILS = 81, 4, 4, 1
#: hours until an answer: median and spread of a log-normal distribution
MEDIAN_HOURS, SPREAD = 19.0, 0.9
#: which kind of option is chosen, in parts of a hundred
KINDS = (("clinical", 80), ("undetermined", 9), ("other", 5), ("ruled_out", 3), ("not_significant", 3))
WORDS = ("Please see my addendum of today.", "Multifactorial; described in the discharge summary.",
         "Not a diagnosis I would make on these findings.")  # fmt: skip


@dataclass
class _Play:
    """The running order: what happens when. Every step may add later ones."""

    rng: random.Random
    until: datetime
    at: datetime

    def __post_init__(self) -> None:
        self._steps: list[tuple[datetime, int, Callable[[], object]]] = []
        self._numbers = count()

    def add(self, at: datetime, step: Callable[[], object]) -> None:
        """Let `step` happen at `at`, unless that is in the future."""
        if at < self.until:
            heapq.heappush(self._steps, (at, next(self._numbers), step))

    def run(self) -> None:
        """Move the clock from step to step."""
        clock.use(lambda: self.at)
        try:
            while self._steps:
                self.at, _, step = heapq.heappop(self._steps)
                step()
        finally:
            clock.use(None)


def play(seed: int, now: datetime) -> int:
    """Make the queries of the demo hospital up to `now`; return how many were sent."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose, protects nothing
    scene = _Play(rng, now, now)
    staff = people_with("coder", "cdi")
    trainee = actor_of(people_with("trainee")[0])
    authors = [*map(actor_of, (*staff, *staff)), trainee]
    for number, encounter in enumerate(db.session.scalars(select(Encounter).order_by(Encounter.id)).all()):
        for place, matches in enumerate(_mails(compose.suggestions(encounter), rng)):
            at = _asked_at(encounter, place, rng, now)
            author = authors[(number + place) % len(authors)]
            if encounter.discharged_at is None and number % 2:
                author = trainee  # some of whose latest still wait for a co-signature
            scene.add(at, _asking(scene, author, encounter.id, matches))
    _follow_up(scene)
    scene.run()
    _plan_absences(now)
    return len(db.session.scalars(select(Query.id).where(Query.sent_at.is_not(None))).all())


def _follow_up(scene: _Play) -> None:
    """Let the worker remind at the site's times for mail, on the last FOLLOWED_DAYS; name the department leads."""
    for line, provider in _first_of_each_line().items():
        with unit_of_work():
            db.session.add(DepartmentLead(site="", service_line=line, provider_id=provider.id))
    calendar = Calendars().of("")
    today = calendar.day_of(scene.until)
    for back in range(FOLLOWED_DAYS, -1, -1):
        for one in calendar.mail_times:
            scene.add(calendar.instant(today - timedelta(days=back), one), _remind)


def _plan_absences(now: datetime) -> None:
    """Let a hospitalist work by a roster, one be away with a cover, and an NP answer for one."""
    people = list(
        db.session.scalars(
            select(Provider).where(Provider.service_line == "Hospital Medicine").order_by(Provider.id)
        )
    )
    doctors = [one for one in people if one.credentials in ("MD", "DO")]
    others = [one for one in people if one.credentials in ("NP", "PA-C")]
    if len(doctors) < 3 or not others:
        return
    lead, today = actor_of(people_with("cdi_manager")[0]), now.date()
    covering.set_roster(lead, doctors[1], today - timedelta(days=2), 7, 7, True)
    covering.note_absence(lead, doctors[0], now + timedelta(days=3), now + timedelta(days=8), doctors[2])
    covering.grant(lead, doctors[2], others[0], today, today + timedelta(days=90))
    covering.save_pool(lead, None, "Hospitalists on nights", doctors[:3])


def _first_of_each_line() -> dict[str, Provider]:
    found = db.session.scalars(select(Provider).where(Provider.email.is_not(None)).order_by(Provider.id.desc()))
    return {one.service_line: one for one in found if one.service_line}


def _remind() -> None:
    running.run_due()
    _mailing()


def _mails(matches: list[Match], rng: random.Random) -> list[list[Match]]:
    """Return which suggestions are asked together; none asks of one condition for one purpose again."""
    different: dict[tuple[str, str], Match] = {}
    for one in matches:
        different.setdefault((one.template.condition, one.template.purpose), one)
    chosen = list(different.values())[:PER_STAY]
    return [chosen] if chosen and rng.randrange(100) < TOGETHER else [[one] for one in chosen]


def people_with(*roles: str) -> list[User]:
    """Return the demo's staff who have one of `roles`."""
    users = db.session.scalars(select(User).order_by(User.id))
    return [user for user in users if user.role_names & set(roles)]


def _asked_at(encounter: Encounter, place: int, rng: random.Random, now: datetime) -> datetime:
    """Return when somebody asks: during the stay, or in the days after discharge."""
    end = encounter.discharged_at or now
    if encounter.discharged_at is None or rng.random() < 0.55:
        return encounter.admitted_at + (end - encounter.admitted_at) * rng.uniform(0.45, 0.98)
    return end + timedelta(hours=rng.uniform(6, 60) + 5 * place)


def _asking(scene: _Play, author: Actor, encounter_id: int, matches: list[Match]) -> Callable[[], None]:
    def ask() -> None:
        encounter = db.session.get(Encounter, encounter_id)
        if encounter is None or encounter.attending is None or not encounter.attending.email:
            return
        drafts = []
        for match in matches:
            with suppress(actions.QueryError):
                drafts.append(compose.start(author, encounter, encounter.attending, match.template.id))
        if not drafts or scene.rng.random() < 0.03:
            return  # a draft that its author left lying
        # What cannot be sent stays a draft: its author has to mend it, as in life.
        with suppress(actions.QueryError, lifecycle.NotPossibleError):
            _send(scene, author, drafts)

    return ask


def _send(scene: _Play, author: Actor, drafts: list[Query]) -> None:
    rng, reasons = scene.rng, sending.Reasons(CHECKED)
    if "trainee" in author.role_names:
        for one in drafts:
            cosign.submit(author, one, CHECKED)
            scene.add(scene.at + timedelta(hours=rng.uniform(2, 72)), _co_signing(scene, one.id))
        return
    if len(drafts) > 1:
        drafts = [one for one in drafts if is_compliant(sending.findings_of(one))]
    if len(drafts) > 1:
        drafts = sending.send_together(author, drafts, {one.ref: reasons for one in drafts})
    elif drafts and rng.randrange(100) < SPOKEN:
        talk = spoken.Talk(author.name, scene.at, rng.choice(spoken.WAYS), "Said that the chart would be amended.")
        drafts = [spoken.record(author, drafts[0], talk, reasons, is_to_be_confirmed=True)]
    elif drafts:
        drafts = [sending.send(author, drafts[0], CHECKED)]
    for one in drafts:
        _go_on(scene, author, one.id)


def _co_signing(scene: _Play, query_id: int) -> Callable[[], None]:
    def decide() -> None:
        lead, query = actor_of(people_with("cdi_lead")[0]), db.session.get_one(Query, query_id)
        if scene.rng.randrange(100) < GIVEN_BACK:
            cosign.give_back(lead, query, "Attach the reading that the question rests on.")
            return
        with suppress(actions.QueryError):
            cosign.cosign(lead, query)
            _go_on(scene, lead, query_id)

    return decide


def _go_on(scene: _Play, author: Actor, query_id: int) -> None:
    rng, sent = scene.rng, scene.at
    hours = rng.lognormvariate(0, SPREAD) * MEDIAN_HOURS
    fate = rng.randrange(100)
    if fate >= 100 - REFUSED_MAILS:
        scene.add(sent + timedelta(seconds=1), _refuse_mail)
        return
    scene.add(sent + timedelta(seconds=rng.randint(5, 60)), _mailing)
    if fate < ANSWERS:
        scene.add(sent + timedelta(hours=hours), lambda: _answer(scene, author, query_id))
    elif fate < ANSWERS + QUESTIONS_BACK:
        scene.add(sent + timedelta(hours=hours), lambda: _ask_back(query_id))
    elif fate < ANSWERS + QUESTIONS_BACK + CANCELLED:
        scene.add(sent + timedelta(hours=hours), lambda: _cancel(author, query_id))
    elif rng.random() < 0.5:
        scene.add(sent + timedelta(hours=hours / 2), lambda: _open(query_id))


def _mailing() -> None:
    with Smtp() as smtp:
        drain(smtp)


def _refuse_mail() -> None:
    """Let the mail server refuse the next mail for good: somebody has to mend the address."""
    for message in leasing.lease():
        refusal = smtplib.SMTPRecipientsRefused({"": (550, b"5.1.1 no such user")})
        leasing.fail(message, message.lease_token or "", classify(refusal))


def _live(query_id: int) -> QueryLink | None:
    links = select(QueryLink).where(QueryLink.query_id == query_id, QueryLink.revoked_at.is_(None))
    return db.session.scalar(links)


def _open(query_id: int) -> QueryLink | None:
    with unit_of_work():
        link = _live(query_id)
        if link is not None:
            respond.opened(link)
    return link


def _ask_back(query_id: int) -> None:
    link = _open(query_id)
    if link is not None:
        asking.ask(link, "Which of the two echocardiograms or notes do you mean? Please attach it.")


def _cancel(author: Actor, query_id: int) -> None:
    query = db.session.get(Query, query_id)
    if query is not None and query.status in lifecycle.OPEN:
        actions.cancel(author, query, "Documented in a later note; no longer needed.")


def _answer(scene: _Play, author: Actor, query_id: int) -> None:
    link = _open(query_id)
    if link is None:
        return
    kind = scene.rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    options = [one for one in link.query.options if one["kind"] == kind] or link.query.options
    option = scene.rng.choice(options) if options else None
    needs_words = option is None or option["kind"] == "other"
    text = scene.rng.choice(WORDS) if needs_words else ""
    answer = answering.sign(link, answering.Response(option["key"] if option else "", text, f"demo-{query_id}"))
    wait = scene.rng.uniform(0.5, 30) if scene.rng.random() < 0.85 else scene.rng.uniform(30, 150)
    scene.add(scene.at + timedelta(hours=wait), lambda: _reconcile(scene, author, answer.id))


def _reconcile(scene: _Play, author: Actor, answer_id: int) -> None:
    answer = db.session.get(Answer, answer_id)
    row = reconcile.pending(answer) if answer else None
    if answer is None or row is None:
        return
    try:
        if row.proposal and scene.rng.random() < 0.95:
            reconcile.decide(author, answer, "accepted", "")
        else:
            reconcile.decide(author, answer, "declined", "No code follows from this answer.")
    except CodingError:
        reconcile.decide(author, answer, "declined", "The code set already says this.")
