"""Half a year of queries, made by the same actions that people use, with the clock moved through time."""

from __future__ import annotations

import heapq
import random
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodingError
from query_mgr.delivery import actions as delivery
from query_mgr.delivery.retry import classify
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, compose, lifecycle, sending
from query_mgr.queries.library.fitting import Match
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond import actions as respond
from query_mgr.respond.models import Answer, QueryLink

PER_STAY = 4  # at most so many queries about one stay

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
    authors = [actor_of(user) for user in people_with("coder", "cdi")]
    for number, encounter in enumerate(db.session.scalars(select(Encounter).order_by(Encounter.id)).all()):
        for place, match in enumerate(_different(compose.suggestions(encounter))[:PER_STAY]):
            at = _asked_at(encounter, place, rng, now)
            scene.add(at, _asking(scene, authors[(number + place) % len(authors)], encounter.id, match))
    scene.run()
    return len(db.session.scalars(select(Query.id).where(Query.sent_at.is_not(None))).all())


def _different(matches: list[Match]) -> list[Match]:
    """Return the suggestions without those that ask of one condition for one purpose again."""
    found: dict[tuple[str, str], Match] = {}
    for one in matches:
        found.setdefault((one.template.condition, one.template.purpose), one)
    return list(found.values())


def people_with(*roles: str) -> list[User]:
    """Return the demo's staff who have one of `roles`."""
    users = db.session.scalars(select(User).order_by(User.id))
    return [user for user in users if user.role_names & set(roles)]


def actor_of(user: User) -> Actor:
    """Return somebody of the staff as the one who acts."""
    return Actor(user.email, user.name, user.role_names, user.id)


def _asked_at(encounter: Encounter, place: int, rng: random.Random, now: datetime) -> datetime:
    """Return when somebody asks: during the stay, or in the days after discharge."""
    end = encounter.discharged_at or now
    if encounter.discharged_at is None or rng.random() < 0.55:
        return encounter.admitted_at + (end - encounter.admitted_at) * rng.uniform(0.45, 0.98)
    return end + timedelta(hours=rng.uniform(6, 60) + 5 * place)


def _asking(scene: _Play, author: Actor, encounter_id: int, match: Match) -> Callable[[], None]:
    def ask() -> None:
        encounter = db.session.get(Encounter, encounter_id)
        if encounter is None or encounter.attending is None or not encounter.attending.email:
            return
        try:
            query = compose.start(author, encounter, encounter.attending, match.template.id)
            if scene.rng.random() < 0.03:
                return  # a draft that its author left lying
            sending.send(author, query, "The evidence was checked against the chart.")
        except (actions.QueryError, lifecycle.NotPossibleError):
            return  # the draft stays: its author has to mend it, as in life
        _go_on(scene, author, query.id)

    return ask


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
    message = delivery.lease_next()
    if message is not None:
        refusal = smtplib.SMTPRecipientsRefused({"": (550, b"5.1.1 no such user")})
        delivery.fail(message, message.lease_token or "", classify(refusal))


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
        respond.ask(link, "Which of the two echocardiograms or notes do you mean? Please attach it.")


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
    answer = respond.sign(link, respond.Response(option["key"] if option else "", text, f"demo-{query_id}"))
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
