"""What the ids of a rule set are called where the catalogue alone is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.impact.catalogue import Catalogue
from app.rewards.language.naming import Names

LEVELS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "en": {
        "proof": {
            "declared": "the person's own word",
            "evidenced": "a photo or a trace",
            "attested": "the word of a registered person",
            "measured": "a measurement by a registered device or partner",
            "corroborated": "two independent sources",
        },
        "identity": {
            "card": "known by a card only",
            "contact": "known by a contact",
            "verified": "of verified identity",
        },
    },
    "fr": {
        "proof": {
            "declared": "la parole de la personne",
            "evidenced": "une photo ou une trace",
            "attested": "la parole d’une personne enregistrée",
            "measured": "une mesure par un appareil ou un partenaire enregistré",
            "corroborated": "deux sources indépendantes",
        },
        "identity": {
            "card": "connue par une carte seule",
            "contact": "connue par un contact",
            "verified": "d’identité vérifiée",
        },
    },
}


def names_of(
    catalogue: Catalogue, language: str, organisations: Mapping[str, str] | None = None
) -> Names:
    """`organisations`: partners and attesters by id."""
    types = catalogue.action_types()
    found = Names(
        action_type={one.id: _quoted(one.name[language], language) for one in types},
        proof_level=LEVELS[language]["proof"],
        identity_level=LEVELS[language]["identity"],
        units={one.id: one.unit for one in types},
    )
    known = organisations or {}
    return replace(found, partner=known, attester=known)


def _quoted(text: str, language: str) -> str:
    return f"«\u00a0{text}\u00a0»" if language == "fr" else f"“{text}”"
