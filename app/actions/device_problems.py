"""What can be wrong with a device or with what it sends, by stable code."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_ADMIN = "Ask the organisation's administrator."
_ADMIN_FR = "Demandez à l’administrateur de l’organisme."

PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "device-token-unknown": (
        401,
        ("The device's token is not known", "It was revoked, or never issued.", _ADMIN),
        ("Le jeton de l’appareil est inconnu", "Révoqué, ou jamais émis.", _ADMIN_FR),
    ),
    "device-not-confirmed": (
        403,
        ("The device is not confirmed yet", "An officer of the city confirms it.", "Wait for it."),
        ("L’appareil n’est pas confirmé", "Un agent de la ville le confirme.", "Attendez."),
    ),
    "device-confirmed": (
        409,
        ("The device is confirmed already", "", "Reload the page."),
        ("L’appareil est déjà confirmé", "", "Rechargez la page."),
    ),
    "device-second-person": (
        403,
        ("Another person must confirm", "Not who entered the device.", "Ask a colleague."),
        ("Une autre personne doit confirmer", "Pas qui l’a saisi.", "Demandez à un collègue."),
    ),
    "device-ended": (
        409,
        ("The device's right has ended", "It is revoked or ran out.", "Enter it with a new key."),
        ("Le droit de l’appareil a pris fin", "Révoqué ou échu.", "Saisissez une nouvelle clé."),
    ),
    "device-name": (
        422,
        ("The device needs a name", "At most {most} characters.", "Name it as people do there."),
        ("L’appareil a besoin d’un nom", "Au plus {most} caractères.", "Donnez son nom usuel."),
    ),
    "device-without-types": (
        422,
        ("A device vouches for something", "No kind of deed was named.", "Name one at least."),
        ("Un appareil atteste quelque chose", "Aucun type de geste.", "Nommez-en au moins un."),
    ),
    "device-span": (
        422,
        (
            "The dates of its right do not fit",
            "It begins before it ends, ends in the future and lasts {years} years at most.",
            "Correct the dates.",
        ),
        (
            "Les dates de son droit ne conviennent pas",
            "Il commence avant de finir, finit dans le futur et dure {years} ans au plus.",
            "Corrigez les dates.",
        ),
    ),
    "statement-too-late": (
        422,
        (
            "The statement comes too late",
            "A device may be {hours} hours late.",
            "Connect it more often; the deed can't be recorded by it any more.",
        ),
        (
            "La déclaration arrive trop tard",
            "Un appareil peut avoir {hours} heures de retard.",
            "Connectez-le plus souvent ; il ne peut plus enregistrer ce geste.",
        ),
    ),
}

for _code, (_status, _en, _fr) in PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("uq_device_key_address", "key-known")
on_constraint("ck_device_second_person", "device-second-person")
