"""The sentences of everything that can be wrong with a deed or its statement, by stable code."""

from __future__ import annotations

from app import error_catalogue
from app.errors import Words, define, on_constraint

__all__ = ["error_catalogue"]  # the codes of no package, such as not-found

_ASK = "Ask the programme's help if you think this is wrong."
_ASK_FR = "Contactez l’aide du programme si vous pensez que c’est une erreur."

PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "action-type-unknown": (
        422,
        ("No such kind of deed", "{given} is not in the catalogue.", "Choose one of the list."),
        ("Type de geste inconnu", "{given} n’est pas au catalogue.", "Choisissez dans la liste."),
    ),
    "action-type-not-in-programme": (
        422,
        ("Not part of this programme", "The programme does not take {given}.", "Choose another."),
        (
            "Hors de ce programme",
            "Le programme ne retient pas {given}.",
            "Choisissez un autre geste.",
        ),
    ),
    "proof-level-not-accepted": (
        422,
        ("Not enough proof", "{given} is not taken at the level {level}.", _ASK),
        ("Preuve insuffisante", "{given} n’est pas admis au niveau {level}.", _ASK_FR),
    ),
    "quantity-fractional": (
        422,
        (
            "The quantity is not a whole number",
            "It counts whole units of {unit}.",
            "Send it in {unit}, without fraction or quotes.",
        ),
        (
            "La quantité n’est pas un nombre entier",
            "Elle se compte en {unit}, sans fraction.",
            "Donnez-la en {unit}, sans fraction ni guillemets.",
        ),
    ),
    "quantity-not-understood": (
        422,
        (
            "The quantity is not understood",
            "It is typed in {unit}.",
            "Such as 3.5, without a unit.",
        ),
        (
            "La quantité n’est pas comprise",
            "Elle se saisit en {unit}.",
            "Par exemple 3,5, sans unité.",
        ),
    ),
    "quantity-zero": (
        422,
        ("The quantity is zero", "There is nothing to record.", "Enter what was done."),
        ("La quantité est nulle", "Il n’y a rien à enregistrer.", "Saisissez ce qui a été fait."),
    ),
    "quantity-negative": (
        422,
        ("The quantity is negative", "A deed can't be less than none.", "Enter what was done."),
        (
            "La quantité est négative",
            "Un geste ne peut être inférieur à zéro.",
            "Saisissez ce qui a été fait.",
        ),
    ),
    "quantity-too-large": (
        422,
        ("The quantity is too large", "At most {maximum} at a time.", "Check it. " + _ASK),
        ("La quantité est trop grande", "Au plus {maximum} à la fois.", "Vérifiez. " + _ASK_FR),
    ),
    "quantity-unusual": (
        422,
        (
            "This is a lot",
            "{given} is more than usual: usually at most {usual}.",
            "Check it; if it is right, send it again with confirmed_unusual.",
        ),
        (
            "C’est beaucoup",
            "{given} dépasse l’habitude : d’ordinaire au plus {usual}.",
            "Vérifiez ; si c’est exact, renvoyez avec confirmed_unusual.",
        ),
    ),
    "deed-in-the-future": (
        422,
        ("The deed lies in the future", "", "Enter when it was done."),
        ("Le geste est dans le futur", "", "Saisissez quand il a été fait."),
    ),
    "deed-too-old": (
        422,
        ("The deed is too old", "It can be recorded for {days}.", _ASK),
        ("Le geste est trop ancien", "On peut l’enregistrer pendant {days}.", _ASK_FR),
    ),
    "deed-not-on-the-spot": (
        422,
        ("The deed is not of today", "A counter vouches for what it has just seen.", _ASK),
        (
            "Le geste n’est pas d’aujourd’hui",
            "Un guichet atteste ce qu’il vient de voir.",
            _ASK_FR,
        ),
    ),
    "programme-not-running": (
        409,
        ("The programme does not run", "It takes no deeds now.", "See when it runs."),
        ("Le programme est arrêté", "Il ne prend pas de gestes.", "Voyez ses dates."),
    ),
    "deed-outside-programme": (
        422,
        ("Outside the programme's days", "It counts deeds from {first} to {last}.", _ASK),
        ("Hors des dates du programme", "Il compte du {first} au {last}.", _ASK_FR),
    ),
    "deed-recorded-twice": (
        409,
        (
            "This deed is recorded already",
            "The same person, the same kind, the same minute.",
            "Nothing to do: it counts once. To correct it, undo it first.",
        ),
        (
            "Ce geste est déjà enregistré",
            "Même personne, même type, même minute.",
            "Rien à faire : il compte une fois. Pour corriger, annulez-le d’abord.",
        ),
    ),
    "organisation-not-active": (
        403,
        ("The organisation is not active", "It may not vouch now.", "Ask the city's officer."),
        ("L’organisme n’est pas actif", "Il ne peut attester.", "Contactez la ville."),
    ),
    "visit-unknown": (
        422,
        ("Nobody was identified", "The code's ten minutes are over.", "Ask for a new code."),
        ("Personne n’est identifié", "Les dix minutes sont passées.", "Demandez un autre code."),
    ),
    "attestation-forged": (
        422,
        (
            "The signature does not fit",
            "It was not made over this statement by a known key.",
            "Sign in this browser again, or ask for your key to be certified.",
        ),
        (
            "La signature ne convient pas",
            "Elle n’a pas été faite sur cette déclaration par une clé connue.",
            "Reconnectez ce navigateur ou faites certifier votre clé.",
        ),
    ),
    "attestation-replayed": (
        409,
        ("This statement was received before", "It counts once.", "Nothing to do."),
        ("Cette déclaration a déjà été reçue", "Elle compte une fois.", "Rien à faire."),
    ),
    "attestation-other-statement": (
        422,
        ("The statement says something else", "{what} does not agree.", "Sign the new one."),
        ("La déclaration dit autre chose", "{what} ne concorde pas.", "Signez la nouvelle."),
    ),
    "key-not-certified": (
        403,
        ("The key is not certified yet", "", "Ask your organisation's administrator."),
        ("La clé n’est pas encore certifiée", "", "Demandez à l’administrateur de l’organisme."),
    ),
    "key-not-valid": (
        403,
        ("The key is not valid now", "It ran out or was revoked.", "Have a new one certified."),
        ("La clé n’est plus valable", "Échue ou révoquée.", "Faites certifier une autre clé."),
    ),
    "out-of-scope": (
        403,
        ("Not what this key may vouch for", "{given} is outside its scope.", _ASK),
        ("Hors du périmètre de cette clé", "{given} n’y figure pas.", _ASK_FR),
    ),
    "key-known": (
        409,
        ("This key is known already", "A key belongs to one person.", "Make a new key."),
        ("Cette clé est déjà connue", "Une clé est à une personne.", "Créez une autre clé."),
    ),
    "certificate-forged": (
        422,
        ("The certificate's signature does not fit", "", "Sign with the organisation's key."),
        ("La signature du certificat ne convient pas", "", "Signez avec la clé de l’organisme."),
    ),
    "organisation-key-missing": (
        409,
        ("The organisation has no valid key", "", "Ask the city's officer to register it."),
        ("L’organisme n’a pas de clé valable", "", "Demandez à la ville de l’enregistrer."),
    ),
    "undo-not-yours": (
        403,
        ("Only who entered it can undo it", "", _ASK),
        ("Seul l’auteur de la saisie peut l’annuler", "", _ASK_FR),
    ),
    "undo-too-late": (
        409,
        ("It is too late to undo this", "The time to undo is over.", _ASK),
        ("Il est trop tard pour annuler", "Le délai d’annulation est passé.", _ASK_FR),
    ),
    "wrong-state": (
        409,
        ("This can't be done now", "The deed is {state}.", "Reload the page."),
        ("Ce n’est pas possible maintenant", "Geste : {state}.", "Rechargez la page."),
    ),
    "release-too-early": (
        409,
        ("Its batch isn't barred yet", "Until then it is that one's.", "Try again later."),
        ("Son lot n’est pas encore écarté", "Jusque-là, il en est.", "Réessayez plus tard."),
    ),
    "reason-unknown": (
        422,
        ("No such reason", "", "Choose one of: {choices}."),
        ("Motif inconnu", "", "Choisissez parmi : {choices}."),
    ),
    "appeal-exists": (
        409,
        ("You have appealed already", "A person will answer.", "Please wait for the answer."),
        ("Vous avez déjà contesté", "Une personne répondra.", "Attendez la réponse."),
    ),
    "appeal-answered": (
        409,
        ("This appeal is answered already", "", "Reload the page."),
        ("Ce recours a déjà sa réponse", "", "Rechargez la page."),
    ),
    "not-for-oneself": (
        403,
        ("Nobody decides or vouches for themselves", "", "Ask a colleague."),
        ("Nul ne décide ni n’atteste pour soi-même", "", "Demandez à un collègue."),
    ),
}

for _code, (_status, _en, _fr) in PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)

on_constraint("uq_action_deed", "deed-recorded-twice")
on_constraint("pk_attestation", "attestation-replayed")
on_constraint("pk_attester_key", "key-known")
on_constraint("uq_appeal_action_id", "appeal-exists")
