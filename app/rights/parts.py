"""Where a person's data lies: what their export holds, one part for each kind of row.

tests/integration/test_own_export.py compares with the tables: whatever names a person or an
account of theirs is a part here, or is left out with a reason in `LEFT_OUT`.
"""

from __future__ import annotations

from app.rights.mandate_parts import MANDATES
from app.rights.money_parts import MONEY
from app.rights.part import Part

PARTS = (
    Part(
        "person",
        ("person", "presence_secret", "openid_identity", "identity_index"),
        "select p.id, p.email_sealed, p.identity_level, p.age_band, p.age_until, p.age_declined,"
        " p.language, p.simulated, p.created_at, s.short_number, o.linked_at as provider_linked_at,"
        " i.entered_at as papers_seen_at from person p"
        " left join presence_secret s on s.person_id = p.id"
        " left join openid_identity o on o.person_id = p.id"
        " left join identity_index i on i.person_id = p.id"
        " where p.id = :person",
        "How you are known, and the number that you say at a counter.",
        "Comment vous êtes connu, et le numéro que vous donnez au guichet.",
        {"email_sealed": "person"},
    ),
    Part(
        "sign_ins",
        ("sign_in_session",),
        "select kind, created_at, last_seen_at, expires_at, ended_at, proved_at"
        " from sign_in_session where person_id = :person order by id",
        "Where and when you signed in, and last proved that it was you.",
        "Où et quand vous vous êtes connecté, et avez prouvé que c’était vous.",
    ),
    Part(
        "passkeys",
        ("passkey",),
        "select id, name_sealed, created_at, last_used_at, cloned_at from passkey"
        " where person_id = :person order by id",
        "Your passkeys, by the names that you gave them.",
        "Vos clés d’accès, sous les noms que vous leur avez donnés.",
        {"name_sealed": "passkey"},
    ),
    Part(
        "badges",
        ("badge",),
        "select o.name as organisation, b.number, b.made_at, b.ended_at from badge b"
        " left join organisation o on o.id = b.organisation_id"
        " where b.person_id = :person order by b.id",
        "Your badges for stations; what opens a shift stands on them alone.",
        "Vos badges pour les postes ; ce qui ouvre un service n’est que sur eux.",
    ),
    Part(
        "station_statements",
        ("station_statement",),
        "select t.at, t.kind, s.name as station, o.name as organisation from station_statement t"
        " join station s on s.id = t.station_id join organisation o on o.id = s.organisation_id"
        " where t.person_id = :person order by t.id",
        "What you said at stations where you work, and when; for whom is theirs to know.",
        "Ce que vous avez dit aux postes où vous travaillez, et quand ; pour qui, c’est à eux.",
    ),
    Part(
        "roles",
        ("role_grant",),
        "select g.role, o.name as organisation, g.valid_from, g.valid_until from role_grant g"
        " left join organisation o on o.id = g.organisation_id"
        " where g.person_id = :person order by g.id",
        "Roles that you hold or held.",
        "Les rôles que vous tenez ou avez tenus.",
    ),
    Part(
        "cards",
        ("card",),
        "select state, made_at, activated_at, ended_at, refused_at from card"
        " where person_id = :person order by made_at",
        "Your paper cards; their numbers stand on the cards alone.",
        "Vos cartes en papier ; leurs numéros ne sont que sur les cartes.",
    ),
    Part(
        "accounts",
        ("account", "balance"),
        "select a.address, a.programme_id, a.wallet, a.created_at, a.replaced_at, b.final_cents"
        " from account a"
        " left join programme p on p.id = a.programme_id"
        " left join balance b on b.address = a.address and b.programme_chain_id = p.chain_id"
        " where a.person_id = :person order by a.id",
        "Your accounts, with their addresses on the chain, which nobody else can tell are yours.",
        "Vos comptes, avec leurs adresses sur la chaîne, que nul autre ne peut vous attribuer.",
    ),
    Part(
        "permissions",
        ("consent",),
        "select id, purpose, recipient, notice_version, language, state, given_at, valid_until,"
        " ended_at, terms from consent where subject_id = :person order by id",
        "What you agreed to or refused; `recipient` is the id of an organisation.",
        "Ce que vous avez accepté ou refusé ; `recipient` est l’identifiant d’un organisme.",
    ),
    Part(
        "permission_steps",
        ("consent_event",),
        "select e.consent_id, e.at, e.state, regexp_replace(e.by, '^counter.*', 'counter') as by"
        " from consent_event e"
        " join consent c on c.id = e.consent_id where c.subject_id = :person order by e.id",
        "Each step of them, and by whom.",
        "Chacune de leurs étapes, et par qui.",
    ),
    Part(
        "looks",
        ("access_record",),
        "select id, at, entry_sealed from access_record where subject_id = :person order by id",
        "Who read what of your data, and what for.",
        "Qui a lu quoi de vos données, et pourquoi.",
        {"entry_sealed": "access_record"},
        ("actor_role", "resource", "fields", "purpose"),
    ),
    Part(
        "deeds",
        ("action",),
        "select a.id, a.programme_id, a.action_type_id, a.action_type_version, a.quantity,"
        " a.metrics, a.deed_at, a.deed_until, a.deed_day, a.district, a.recorded_at, a.channel,"
        " a.told - array['other', 'trip'] as told, a.told ? 'other' as with_another,"
        " o.name as organisation, a.proof_level, a.state, a.reason_code, a.reward_cents,"
        " a.rule_set_version, a.account_address, a.attestation_digest, a.batch_id,"
        # How much another took part isn't the subject's to read.
        " (select coalesce(jsonb_agg(case when line->'values'->>'per' = 'other'"
        " then line #- '{values,count}' else line end order by place), '[]')"
        " from jsonb_array_elements(a.explanation) with ordinality as said (line, place))"
        " as explanation,"
        " a.leaf, a.leaf_index, a.published_period, a.reversed_at, a.note_sealed from action a"
        " left join organisation o on o.id = a.organisation_id"
        " where a.person_id = :person order by a.id",
        "What you did: quantity in the kind's smallest unit, reward in cents, and where the chain"
        " proves it; of who shared it only that somebody did.",
        "Vos gestes : quantité dans la plus petite unité, récompense en centimes, et où la chaîne"
        " le prouve ; de qui l’a partagé, seulement qu’il y avait quelqu’un.",
        {"note_sealed": "action"},
    ),
    Part(
        "shared_deeds",
        ("action",),
        "select a.deed_day, a.action_type_id, a.programme_id, o.name as organisation from action a"
        " left join organisation o on o.id = a.organisation_id"
        " where a.other_id = :person order by a.id",
        "Another person's deeds that you shared, so that limits on two people hold.",
        "Les gestes d’autrui que vous avez partagés, pour que les plafonds à deux soient tenus.",
    ),
    Part(
        "deed_values",
        ("evaluation",),
        "select e.number, e.action_id, e.kind, e.of_number, e.rule_set_version,"
        " e.facts - array['other', 'other_adult', 'trip'] as facts, e.outside,"
        " e.left_cents, e.worth_cents, e.amount_cents, e.cents, e.cut_by,"
        # Nor what a counter held before that isn't the subject's own.
        " (select coalesce(jsonb_agg(case when one->>1 in ('citizen', 'pair') then one"
        " else jsonb_set(one, '{4}', 'null') end order by place), '[]')"
        " from jsonb_array_elements(e.counters) with ordinality as held (one, place)) as counters"
        " from evaluation e"
        " join action a on a.id = e.action_id where a.person_id = :person order by e.number",
        "What the rules looked at for each deed, what it was worth by itself, what limits left.",
        "Ce que les règles ont regardé pour chaque geste, sa valeur propre, et après plafonds.",
    ),
    Part(
        "owed",
        ("reward_counter",),
        "select programme_id, cents from reward_counter"
        " where scope = 'person:' || cast(:person as text) and span = '=owed:always'"
        " order by programme_id",
        "What is still to be set against later rewards, by programme; under zero: to be added.",
        "Ce qui reste à déduire des récompenses suivantes, par programme ; sous zéro : à ajouter.",
    ),
    Part(
        "deed_steps",
        ("action_log",),
        "select l.action_id, l.at, l.before, l.after, l.reason from action_log l"
        " join action a on a.id = l.action_id where a.person_id = :person order by l.id",
        "Every change of state of your deeds.",
        "Chaque changement d’état de vos gestes.",
    ),
    Part(
        "appeals",
        ("appeal",),
        "select id, action_id, created_at, text_sealed, upheld, answered_at, answer_sealed"
        " from appeal where person_id = :person order by id",
        "Your objections to refusals, and the answers.",
        "Vos recours contre des refus, et les réponses.",
        {"text_sealed": "appeal", "answer_sealed": "appeal"},
    ),
    Part(
        "requests",
        ("rights_request", "halt"),
        "select id, kind, purpose, text_sealed, state, received_at, due_at, extended, closed_at,"
        " answer_sealed from rights_request where person_id = :person order by id",
        "What you asked of your data, and the answers.",
        "Ce que vous avez demandé sur vos données, et les réponses.",
        {"text_sealed": "rights_request", "answer_sealed": "rights_request"},
    ),
    *MANDATES,
    Part(
        "partner_links",
        ("rider_link",),
        "select o.name as organisation, l.linked_at, l.revoked_at from rider_link l"
        " left join organisation o on o.id ="
        " l.organisation_id where l.person_id = :person order by l.id",
        "Partners whose trips counted for you.",
        "Les partenaires dont les trajets comptaient pour vous.",
    ),
    Part(
        "counters",
        ("presence_use",),
        "select o.name as organisation, u.at from presence_use u"
        " left join organisation o on o.id = u.organisation_id"
        " where u.person_id = :person order by u.at",
        "Where your one-minute code was used.",
        "Où votre code d’une minute a servi.",
    ),
    *MONEY,
    Part(
        "signing_keys",
        ("attester_key",),
        "select k.address, o.name as organisation, k.scope, k.valid_from, k.valid_until,"
        " k.revoked_at from attester_key k"
        " left join organisation o on o.id = k.organisation_id where k.person_id = :person"
        " order by k.created_at",
        "Keys with which you vouched for others' deeds.",
        "Les clés avec lesquelles vous avez attesté les gestes d’autrui.",
    ),
)
