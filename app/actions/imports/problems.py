"""What can be wrong with an import as a whole, and the words of what is wrong with a row."""

from __future__ import annotations

from app.errors import Words, define

PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "not-a-partner": (
        403,
        ("This organisation brings no data", "", "Ask the city's officer."),
        ("Cet organisme n’apporte pas de données", "", "Contactez la ville."),
    ),
    "import-options": (
        422,
        ("The options can't be used", "Wrong: {what}.", "See /api/docs."),
        ("Les options sont inutilisables", "Erreur : {what}.", "Voir /api/docs."),
    ),
    "import-unsigned": (
        422,
        ("The file is not signed", "Sign the root of its rows.", "`civis import` does it."),
        ("Le fichier n’est pas signé", "Signez la racine.", "`civis import` le fait."),
    ),
    "import-forged": (
        422,
        ("The signature does not fit", "Not the partner's key.", "Sign with the registered key."),
        ("La signature ne convient pas", "Autre clé.", "Signez avec la clé enregistrée."),
    ),
    "import-missing-file": (
        422,
        ("There is no file", "Choose one; programs send the part `file`.", "See /api/docs."),
        ("Il n’y a pas de fichier", "Envoyez la partie `file`.", "Voir /api/docs."),
    ),
    "file-empty": (
        422,
        ("The file holds no rows", "", "Send the header line and at least one row."),
        ("Le fichier ne contient aucune ligne", "", "Envoyez l’en-tête et au moins une ligne."),
    ),
    "file-not-utf8": (
        422,
        ("The file is not UTF-8 text", "The first trouble is in {what}.", "Save it as CSV, UTF-8."),
        (
            "Le fichier n’est pas du texte UTF-8",
            "Premier souci : {what}.",
            "Enregistrez-le en CSV, UTF-8.",
        ),
    ),
    "file-unreadable": (
        422,
        ("The file is not CSV", "It can't be read from {what} on.", "Check quotes and commas."),
        (
            "Le fichier n’est pas du CSV",
            "Illisible à partir de : {what}.",
            "Vérifiez guillemets et virgules.",
        ),
    ),
    "column-missing": (
        422,
        ("A column is missing", "There is no column {what}.", "Add it to the header and rows."),
        ("Une colonne manque", "Il n’y a pas de colonne {what}.", "Ajoutez-la au fichier."),
    ),
    "column-unknown": (
        422,
        (
            "A column is not known",
            "Nothing is known of a column {what}.",
            "Separate columns by commas; leave out what is not in /api/docs.",
        ),
        (
            "Une colonne est inconnue",
            "La colonne {what} est inconnue.",
            "Séparez les colonnes par des virgules ; retirez ce qui n’est pas dans /api/docs.",
        ),
    ),
    "column-twice": (
        422,
        ("A column comes twice", "{what} stands in the header twice.", "Leave one of them out."),
        ("Une colonne apparaît deux fois", "{what} est en double.", "Retirez l’une des deux."),
    ),
    "statement-root-differs": (
        422,
        (
            "The signature is of another file",
            "The signed root or number of rows is not this file's.",
            "Sign the very file that you send; `civis import` does it.",
        ),
        (
            "La signature porte sur un autre fichier",
            "La racine ou le nombre de lignes signé n’est pas celui du fichier.",
            "Signez le fichier même que vous envoyez ; `civis import` le fait.",
        ),
    ),
    "upload-missing": (
        500,
        ("The stored file is gone", "", "Send the file again: what was taken stays as it is."),
        ("Le fichier conservé a disparu", "", "Renvoyez-le : ce qui est pris ne change pas."),
    ),
    "import-broken": (
        500,
        (
            "The file could not be worked",
            "The defect is ours; the city's operator is told.",
            "Send it again later: what was taken stays as it is.",
        ),
        (
            "Le fichier n’a pas pu être traité",
            "Le défaut est le nôtre ; l’exploitant est averti.",
            "Renvoyez-le plus tard : ce qui est pris ne change pas.",
        ),
    ),
    "link-code-wrong": (
        422,
        ("This code is not valid", "Wrong, used or older than an hour.", "Ask for a new one."),
        ("Ce code n’est pas valable", "Faux, utilisé ou trop ancien.", "Demandez-en un autre."),
    ),
    "rider-linked": (
        409,
        ("This rider is linked already", "", "The citizen can end the link first."),
        ("Cet usager est déjà lié", "", "La personne peut d’abord rompre le lien."),
    ),
}

for _code, (_status, _en, _fr) in PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)

# What a row's reason code says, in both languages.
ROW_REASONS: dict[str, dict[str, str]] = {
    "row-malformed": {"en": "The row has another width.", "fr": "La ligne est mal formée."},
    "control-character": {
        "en": "A text holds a control character, such as a line break or NUL.",
        "fr": "Un texte contient un caractère de contrôle, comme un saut de ligne.",
    },
    "rider-ref-too-long": {
        "en": "rider_ref is over 200 characters.",
        "fr": "rider_ref dépasse 200 caractères.",
    },
    "city-too-long": {
        "en": "city is over 100 characters.",
        "fr": "city dépasse 100 caractères.",
    },
    "trip-id-missing": {"en": "No usable trip_id.", "fr": "Pas de trip_id utilisable."},
    "time-unreadable": {
        "en": "A time can't be read, or does not exist in its zone.",
        "fr": "Une heure est illisible ou n’existe pas dans son fuseau.",
    },
    "trip-in-the-future": {"en": "The trip ends in the future.", "fr": "Le trajet est à venir."},
    "trip-ends-before-start": {
        "en": "The trip ends before it starts.",
        "fr": "Le trajet finit avant de commencer.",
    },
    "duration-unreadable": {"en": "The duration is no number.", "fr": "Durée illisible."},
    "duration-disagrees": {
        "en": "duration_s disagrees with the times by more than a minute.",
        "fr": "duration_s contredit les heures de plus d’une minute.",
    },
    "coordinates-unreadable": {"en": "A coordinate is no number.", "fr": "Coordonnée illisible."},
    "coordinates-out-of-range": {
        "en": "A coordinate is not on Earth.",
        "fr": "Une coordonnée est hors limites.",
    },
    "round-trip": {
        "en": "It ends where it started: no distance can be known.",
        "fr": "Il finit où il a commencé : distance inconnue.",
    },
    "distance-too-short": {"en": "Under 300 metres.", "fr": "Moins de 300 mètres."},
    "distance-too-long": {"en": "Further than a day's ride.", "fr": "Trop loin pour un jour."},
    "speed-too-high": {
        "en": "Faster than 45 km/h, or 130 km/h in a car.",
        "fr": "Plus de 45 km/h, ou 130 km/h en voiture.",
    },
    "speed-too-low": {"en": "Slower than 3 km/h.", "fr": "Moins de 3 km/h."},
    "seats-wrong": {
        "en": "seats is no whole number from 1 to 8; leave it empty if unknown.",
        "fr": "seats n’est pas un entier de 1 à 8 ; laissez vide si inconnu.",
    },
    "contribution-wrong": {
        "en": "contribution_cents is no whole number of cents from 0 to 100000.",
        "fr": "contribution_cents n’est pas un nombre entier de centimes de 0 à 100000.",
    },
    "revenue-wrong": {
        "en": "revenue_cents is no whole number of cents from 0 to 100000.",
        "fr": "revenue_cents n’est pas un nombre entier de centimes de 0 à 100000.",
    },
    "proof-class-wrong": {
        "en": "proof_class is no short code, such as C.",
        "fr": "proof_class n’est pas un code court, comme C.",
    },
    "zones-wrong": {
        "en": "start_zones or end_zones: write kind=code with spaces between, each kind once.",
        "fr": "start_zones, end_zones : type=code, séparés d’espaces, chaque type une fois.",
    },
    "other-rider-wrong": {
        "en": "other_rider_ref is the rider's own, or too long; name who shared the car.",
        "fr": "other_rider_ref est celui de l’usager, ou trop long ; nommez l’autre personne.",
    },
    "shared-trip-wrong": {
        "en": "shared_trip_id is over 200 characters.",
        "fr": "shared_trip_id dépasse 200 caractères.",
    },
    "not-a-shared-trip": {
        "en": "Only shared cars have seats, money and others; leave these columns empty.",
        "fr": "Seule une voiture partagée a places, argent et tiers ; laissez vide.",
    },
    "trip-too-old": {
        "en": "Older than the programme takes.",
        "fr": "Plus ancien que ce que le programme retient.",
    },
    "trip-outside-programme": {
        "en": "Outside the programme's days.",
        "fr": "Hors des dates du programme.",
    },
    "trip-overlaps": {
        "en": "The rider was on another trip then.",
        "fr": "L’usager faisait alors un autre trajet.",
    },
    "trip-twice-in-file": {
        "en": "The file holds this trip_id before, with other content.",
        "fr": "Le fichier contient déjà ce trip_id, avec un autre contenu.",
    },
    "already-final": {
        "en": "The trip is final; it can't be corrected any more.",
        "fr": "Le trajet est définitif ; il ne se corrige plus.",
    },
    "already-summed": {
        "en": "The trip is in the daily sums; it can't be corrected.",
        "fr": "Le trajet est dans les sommes du jour ; il ne se corrige plus.",
    },
    "other-rider": {
        "en": "The trip was kept for another rider.",
        "fr": "Le trajet est retenu pour un autre usager.",
    },
}
