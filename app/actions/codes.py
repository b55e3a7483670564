"""Why a deed was refused or reversed: a stable code, a sentence, and what to do next.

Each sentence is complete in both languages; `{name}` is filled from the action's
`reason_values`. Codes are never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.typography import printed


@dataclass(frozen=True)
class Reason:
    """A sentence and a remedy by language; `by_person` where a person may choose it."""

    sentence: Mapping[str, str]
    remedy: Mapping[str, str]
    by_person: bool = True

    def text(self, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Sentence and remedy in `language`, French where it is unknown."""
        language = language if language in self.sentence else "fr"
        return (
            self.sentence[language].format_map(_Shown(values)),
            self.remedy[language].format_map(_Shown(values)),
        )


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _reason(fr: str, fr_do: str, en: str, en_do: str, *, by_person: bool = True) -> Reason:
    return Reason(printed({"fr": fr, "en": en}), printed({"fr": fr_do, "en": en_do}), by_person)


_APPEAL_FR = "Si c’est une erreur, contestez : une personne vous répondra."
_APPEAL_EN = "If this is a mistake, appeal: a person will answer you."

_KEPT = {
    "fr": "Vos jetons restent à vous. Si c’est une erreur, contactez l’aide : une personne répond.",
    "en": "Your tokens stay yours. If this is a mistake, contact the help: a person answers.",
}

_KEPT = printed(_KEPT)

REASONS: dict[str, Reason] = {
    "not-plausible": _reason(
        "La quantité ne correspond pas à ce qui est possible pour ce geste.",
        _APPEAL_FR,
        "The quantity does not fit what is possible for this action.",
        _APPEAL_EN,
    ),
    "not-the-person": _reason(
        "Le geste a été enregistré pour une autre personne que celle qui l’a fait.",
        "Demandez à l’organisme de l’enregistrer à nouveau avec votre code.",
        "The deed was recorded for somebody other than the person who did it.",
        "Ask the organisation to record it again with your code.",
    ),
    "entered-by-mistake": _reason(
        "Le geste a été saisi par erreur.",
        "Si vous l’avez bien fait, demandez à l’organisme de l’enregistrer à nouveau.",
        "The deed was entered by mistake.",
        "If you did do it, ask the organisation to record it again.",
    ),
    "counted-twice": _reason(
        "Le même geste a déjà été enregistré.",
        "Rien à faire : il compte une fois. " + _APPEAL_FR,
        "The same deed was recorded before.",
        "Nothing to do: it counts once. " + _APPEAL_EN,
    ),
    "outside-the-rules": _reason(
        "Le geste n’entre pas dans les règles du programme.",
        "Consultez les gestes possibles sur votre page. " + _APPEAL_FR,
        "The deed is outside the rules of the programme.",
        "See the possible deeds on your page. " + _APPEAL_EN,
    ),
    "made-up": _reason(
        "Les éléments montrent que le geste n’a pas eu lieu.",
        _APPEAL_FR,
        "What was found shows that the deed did not take place.",
        _APPEAL_EN,
    ),
    "key-revoked-for-cause": _reason(
        "La clé qui a signé ce geste a été révoquée pour un motif grave.",
        "Demandez à l’organisme de l’attester à nouveau. " + _APPEAL_FR,
        "The key that signed this deed was revoked for cause.",
        "Ask the organisation to attest it again. " + _APPEAL_EN,
        by_person=False,
    ),
    "chain-refused": _reason(
        "Le registre a refusé cette écriture.",
        "Nos équipes sont prévenues ; vous n’avez rien à faire.",
        "The register refused this entry.",
        "Our team has been told; there is nothing you need to do.",
        by_person=False,
    ),
}


def explain(code: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Sentence and remedy of a stored reason code."""
    return REASONS[code].text(language, values)


def explain_reversal(code: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """A reversal is not appealed by page: what was earned stays, and help answers."""
    sentence, _remedy = explain(code, language, values)
    return sentence, _KEPT.get(language, _KEPT["fr"])


def choosable() -> list[str]:
    """The codes that an officer may pick."""
    return [code for code, reason in REASONS.items() if reason.by_person]
