"""The editor of a programme's rules: a form and JSON over the same rule set, checked, previewed,
proposed; of a programme that is there, or of a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, jsonify, request, url_for

from app.context import db_session, now
from app.errors import Problem
from app.rewards.models import Programme, RuleSet
from app.rewards.outside.relied import outside_at
from app.rewards.programmes import FARTHEST
from app.rewards.rule_sets.rule_changes import warnings_of
from app.rewards.rule_sets.safe_rules import safe_rules
from app.rewards.valuing.terms import newest_rules
from app.web import formats
from app.web.rule_sets import rule_fields, rule_form, rule_json, rule_preview
from app.web.rule_sets.rule_json import Typed
from app.web.rule_sets.rule_opened import ADD, CAP, MORE, opened, row_asked
from app.web.rule_sets.rule_ways import EXAMPLE, FORM, JSON, besides, written
from app.web.shell import page, to
from app.web.telling import outside_view, rule_words
from app.web.words import locale

Form = dict[str, str]
_WAYS = {FORM: "", JSON: "_json"}
PREVIEW, PROPOSE = "preview", "propose"
SEEN = "seen"


@dataclass(frozen=True)
class Editor:
    """`way`: FORM or JSON. `propose` takes what was typed, and its rules; raises Problem."""

    way: str
    programme: Programme | None = None
    propose: Callable[[Form, dict[str, Any]], object] = field(default=lambda _form, _rules: None)

    @property
    def zone(self) -> str:
        return self.programme.time_zone if self.programme else formats.here().key

    @property
    def stored(self) -> RuleSet | None:
        """What holds, or comes last; a new programme has none."""
        return newest_rules(db_session(), self.programme.id) if self.programme else None

    @property
    def before(self) -> dict[str, Any] | None:
        return stored.rules if (stored := self.stored) else None

    @property
    def endpoint(self) -> str:
        """The page of this way."""
        return f"office.{'rules' if self.programme else 'new_programme'}{_WAYS[self.way]}"

    @property
    def address(self) -> str:
        return url_for(self.endpoint, **self._given)

    @property
    def check(self) -> str:
        """Asked while somebody types."""
        new = "" if self.programme else "new_"
        return url_for(f"office.check_{new}rules", **self._given)

    @property
    def _given(self) -> dict[str, Any]:
        return {"programme_id": self.programme.id} if self.programme else {}

    def begun(self) -> Response:
        """As it is opened."""
        form = EXAMPLE | written(self.way, self.before or safe_rules(self.zone), self.zone)
        if self.programme:
            tomorrow = now().astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1)
            form["valid_from"] = tomorrow.isoformat()
        return self.shown(form, self._read(form))

    def sent(self) -> Response:
        """What a button asked: look at it, show more of it, go to the other way, propose it."""
        form = request.form.to_dict()
        typed, step = self._read(form), form.get("step", PREVIEW)
        here = replace(self, way=JSON if "rules" in form else FORM)
        return here._answered(form, typed, step)

    def _answered(self, form: Form, typed: Typed, step: str) -> Response:
        if step == ADD or step.startswith(MORE):
            return self.shown(form | row_asked(form, step), typed)
        if step == CAP:
            return self.shown(form, typed, more_caps=2)
        if typed.data is not None and step in (FORM, JSON):
            other = {**besides(form), **written(step, typed.data, self.zone)}
            return replace(self, way=step).shown(other, typed)
        if typed.data is None or step != PROPOSE:
            return self.shown(form, typed, looked=True)
        try:
            _check_seen(form, typed)
            self.propose(form, typed.data)
        except Problem as problem:
            db_session().rollback()
            return self.shown(form, typed, problem=problem)
        return to("office.decisions")

    def checked(self) -> Response:
        """For the page, while somebody types; nothing is kept."""
        form = request.form.to_dict()
        typed = self._read(form)
        return jsonify(
            faults=[vars(one) for one in typed.faults[: rule_json.MOST_FAULTS]],
            warnings=typed.cautions,
            samples=[vars(one) for one in self._samples(form, typed)],
        )

    def shown(
        self,
        form: Form,
        typed: Typed,
        *,
        looked: bool = False,
        problem: Problem | None = None,
        more_caps: int = 1,
    ) -> Response:
        """`looked`: with what it would change, in words."""
        preview = None
        try:
            preview = self._preview(form, typed.data) if looked and typed.data else None
        except Problem as wrong:
            problem = wrong
        answer = page(
            "office/rules.html",
            problem=problem or (typed.problem if looked else None),
            form=form,
            typed=typed,
            preview=preview,
            fields=self._fields(form, typed, problem, more_caps) if self.way == FORM else None,
            **self._around(form, typed),
        )
        if looked and typed.faults:
            answer.status_code = 422
        return answer

    def _fields(
        self, form: Form, typed: Typed, problem: Problem | None, more_caps: int
    ) -> dict[str, Any]:
        calendars = outside_view.calendars(db_session())
        return rule_fields.shown(form, more_caps, calendars, opened(form, typed, problem))

    def _around(self, form: Form, typed: Typed) -> dict[str, Any]:
        """What stands around the fields."""
        return {
            "editor": self,
            "programme": self.programme,
            "name": self.programme.name[locale()] if self.programme else None,
            "samples": self._samples(form, typed),
            "kinds": rule_preview.kinds(),
            "levels": rule_fields.level_words(),
            "elsewhere": self._elsewhere(form),
        }

    def _read(self, form: Form) -> Typed:
        """What is wrong with it, or odd, what it names outside itself included."""
        typed = rule_json.sent(form, self.before, self.zone)
        typed = outside_view.with_missing(db_session(), typed, self._begin(form))
        if typed.data is None:
            return typed
        begin, last = self._begin(form), self._last_day(form)
        odd = warnings_of(
            db_session(),
            typed.data,
            begin,
            last,
            before=self.before,
            time_zone=self.zone,
            budgeted=not self.programme or self.programme.budget_cents is not None,
        )
        by_path = "rules" in form  # the form has parts
        said = [one.sentence(locale()) if by_path else rule_words.caution(one) for one in odd]
        return replace(typed, cautions=said)

    def _last_day(self, form: Form) -> date:
        """To earn; a new programme's as typed, and none while it isn't understood."""
        if self.programme:
            return self.programme.last_day_to_earn
        try:
            return date.fromisoformat(form.get("last_day_to_earn", ""))
        except ValueError:
            return date.min

    def _begin(self, form: Form) -> datetime:
        """When the rules would hold first; now, while no day is typed."""
        try:
            day = date.fromisoformat(form.get("valid_from" if self.programme else "first_day", ""))
        except ValueError:
            return now()
        begin = datetime.combine(day, time(), ZoneInfo(self.zone))
        return begin if now() < begin < now() + FARTHEST else now()

    def _samples(self, form: Form, typed: Typed) -> list[Any]:
        if typed.data is None:
            return []
        session, begin, stored = db_session(), self._begin(form), self.stored
        shown = [(typed.data, outside_at(session, typed.data, begin))]
        if stored is not None:
            since = outside_view.as_of(stored, begin)
            shown.insert(0, (stored.rules, outside_at(session, stored.rules, since)))
        return rule_preview.samples(shown, self.zone, now())

    def _preview(self, form: Form, data: dict[str, Any]) -> dict[str, Any]:
        session, before, asked = db_session(), self.before, "example_kind" in form
        return {
            "changes": rule_words.changed(session, before, data, self.zone) if before else None,
            "sections": rule_words.sections(session, data, self.zone),
            "example": rule_preview.example(
                data,
                form,
                self.zone,
                now(),
                outside_at(session, data, self._begin(form)),
                names=rule_words.names(session).with_zones(data, locale()),
            )
            if asked
            else None,
        }

    def _elsewhere(self, form: Form) -> list[str]:
        """What the form can't show, in words."""
        try:
            base = rule_form.base_of(form) if self.way == FORM else None
        except Problem:
            base = None
        return rule_words.unshown(db_session(), base) if base else []


def _check_seen(form: Form, typed: Typed) -> None:
    if typed.cautions and form.get(SEEN) != "yes":
        raise Problem("warnings-not-seen", field=SEEN)
