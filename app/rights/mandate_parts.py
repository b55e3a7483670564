"""The parts of a person's export that are about acting for one another."""

from __future__ import annotations

from app.rights.part import Part

MANDATES = (
    Part(
        "mandates",
        ("mandate",),
        "select m.id, m.kind, m.acts, m.day_cents, m.until, m.offered_at,"
        " case when m.person_id = :person then m.reference_sealed end as reference_sealed,"
        " case when m.person_id = :person then 'represented' else 'representative' end as as_a"
        " from mandate m where (m.person_id = :person or m.representative_id = :person)"
        " and (m.kind = 'given' or exists (select from mandate_step s where s.mandate_id = m.id"
        " and s.kind = 'accepted')) order by m.id",
        "Who may act for you, and for whom you may act.",
        "Qui peut agir pour vous, et pour qui vous pouvez agir.",
        {"reference_sealed": "mandate"},
    ),
    Part(
        "mandate_steps",
        ("mandate_step",),
        "select s.mandate_id, s.kind, s.act, s.at, s.about from mandate_step s"
        " join mandate m on m.id = s.mandate_id"
        " where m.person_id = :person or m.representative_id = :person order by s.id",
        "What became of these mandates, and each act under them.",
        "Ce qu’il est advenu de ces mandats, et chaque acte accompli.",
    ),
)
