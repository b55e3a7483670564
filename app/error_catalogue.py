"""The sentences of refusals that belong to no part of the house: HTTP, fields, keys, limits."""

from __future__ import annotations

from app.errors import Words, define, on_constraint

_FIX = "Correct it and send again."
_FIX_FR = "Corrigez puis renvoyez."
_DOCS = "See /api/docs."
_DOCS_FR = "Voir /api/docs."
_HELP = "Try again in a minute; if it stays so, tell us the reference."
_HELP_FR = "Réessayez dans une minute ; si cela persiste, donnez-nous la référence."

# code: status, English, French
HTTP: dict[str, tuple[int, Words, Words]] = {
    "bad-request": (
        400,
        ("The request can't be understood", "", _FIX + " " + _DOCS),
        ("La demande est incompréhensible", "", _FIX_FR + " " + _DOCS_FR),
    ),
    "bad-characters": (
        400,
        ("The text holds characters that are not allowed", "", "Remove control characters."),
        ("Le texte contient des caractères non admis", "", "Retirez les caractères de contrôle."),
    ),
    "body-not-json": (
        400,
        ("The body is not JSON", "Line {line}, column {column}: {what}", _FIX),
        ("Le corps n’est pas du JSON", "Ligne {line}, colonne {column} : {what}", _FIX_FR),
    ),
    "body-not-utf8": (
        400,
        ("The body is not UTF-8 text", "", "Encode it as UTF-8."),
        ("Le corps n’est pas du texte UTF-8", "", "Encodez-le en UTF-8."),
    ),
    "sign-in-needed": (
        401,
        ("Please sign in", "This needs a signed-in person.", "Sign in, then try again."),
        ("Connectez-vous", "Il faut être connecté.", "Connectez-vous puis réessayez."),
    ),
    "not-allowed": (
        403,
        ("This is not open to you", "It needs another role.", "Sign in as somebody who has it."),
        ("Cela ne vous est pas ouvert", "Il faut un autre rôle.", "Connectez-vous avec ce rôle."),
    ),
    "passkey-needed": (
        403,
        (
            "This needs a passkey",
            "Your role counts only once you have signed in with one.",
            "Sign in with your passkey, or add one under My data.",
        ),
        (
            "Il faut une clé d’accès",
            "Votre rôle ne compte qu’une fois connecté avec elle.",
            "Connectez-vous avec votre clé d’accès, ou ajoutez-en une sous Mes données.",
        ),
    ),
    "step-up-needed": (
        403,
        (
            "Please confirm that it is you",
            "This needs a proof that is at most five minutes old.",
            "Programs: /api/v1/me/step-up in /api/docs; then send it again with the new token.",
        ),
        (
            "Confirmez que c’est bien vous",
            "Il faut une preuve de moins de cinq minutes.",
            "Programmes : /api/v1/me/step-up dans /api/docs ; renvoyez avec le nouveau jeton.",
        ),
    ),
    "form-expired": (
        403,
        ("This form is too old or from elsewhere", "", "Open the page again and send once more."),
        ("Ce formulaire est périmé ou étranger", "", "Rouvrez la page puis renvoyez."),
    ),
    "not-found": (
        404,
        ("There is nothing here", "", "Check the address, or start from the first page."),
        ("Il n’y a rien ici", "", "Vérifiez l’adresse ou repartez de la première page."),
    ),
    "method-not-allowed": (
        405,
        ("This address does not do that", "", _DOCS),
        ("Cette adresse ne fait pas cela", "", _DOCS_FR),
    ),
    "conflict": (
        409,
        ("This already exists", "", "Read what is there before sending again."),
        ("Cela existe déjà", "", "Lisez ce qui existe avant de renvoyer."),
    ),
    "body-too-large": (
        413,
        ("The body is too large", "", "Send less at once."),
        ("Le corps est trop volumineux", "", "Envoyez-en moins à la fois."),
    ),
    "body-type": (
        415,
        ("The body has another type than expected", "Expected: {expected}.", _FIX),
        ("Le corps n’est pas du type attendu", "Attendu : {expected}.", _FIX_FR),
    ),
    "invalid": (
        422,
        ("Some fields are not right", "", "Correct each named field and send again."),
        ("Certains champs sont incorrects", "", "Corrigez chaque champ nommé puis renvoyez."),
    ),
    "too-many": (
        429,
        ("Too many tries", "At most {quota} in {window} seconds.", "Wait {wait} seconds."),
        ("Trop d’essais", "Au plus {quota} en {window} secondes.", "Attendez {wait} secondes."),
    ),
    "failure": (
        500,
        ("Something went wrong on our side", "Nothing was changed.", _HELP),
        ("Un incident est survenu chez nous", "Rien n’a été modifié.", _HELP_FR),
    ),
    "not-shown": (  # of a page that was only looked at, perhaps after something was sent
        500,
        (
            "This page can't be shown now",
            "Only the page is missing: what you sent before it stays as it is.",
            _HELP,
        ),
        (
            "Cette page ne peut être affichée maintenant",
            "Seule la page manque : ce que vous avez envoyé avant reste tel quel.",
            _HELP_FR,
        ),
    ),
    "try-again": (
        503,
        ("We can't answer right now", "Nothing was changed.", _HELP),
        ("Nous ne pouvons pas répondre maintenant", "Rien n’a été modifié.", _HELP_FR),
    ),
    "idempotency-key-missing": (
        400,
        ("The Idempotency-Key header is missing", "", "Send a fresh random key of 8 to 128 signs."),
        ("L’en-tête Idempotency-Key manque", "", "Envoyez une clé aléatoire de 8 à 128 signes."),
    ),
    "idempotency-in-flight": (
        409,
        ("The same request is being worked on", "", "Wait a second and send it again, unchanged."),
        ("La même demande est en cours", "", "Attendez une seconde et renvoyez-la telle quelle."),
    ),
    "idempotency-other-body": (
        422,
        ("This key was used for another request", "", "Use a fresh key for a new request."),
        ("Cette clé a servi à une autre demande", "", "Prenez une nouvelle clé."),
    ),
}

# code: English and French, detail and remedy; all of status 422
FIELDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "field-required": (
        ("This field is missing.", "Add it."),
        ("Ce champ manque.", "Ajoutez-le."),
    ),
    "field-null": (
        ("This field may not be empty.", "Give a value."),
        ("Ce champ ne peut être vide.", "Donnez une valeur."),
    ),
    "field-unknown": (
        ("There is no such field.", "Remove it or check its name."),
        ("Ce champ n’existe pas.", "Retirez-le ou vérifiez son nom."),
    ),
    "field-invalid": (
        ("This value is not accepted: {what}", _DOCS),
        ("Cette valeur n’est pas admise : {what}", _DOCS_FR),
    ),
    "not-an-object": (("A JSON object is expected.", _DOCS), ("Objet JSON attendu.", _DOCS_FR)),
    "not-a-list": (("A list is expected.", _DOCS), ("Liste attendue.", _DOCS_FR)),
    "list-length": (
        ("Between {min} and {max} entries are expected.", "Send that many."),
        ("Entre {min} et {max} éléments sont attendus.", "Envoyez-en autant."),
    ),
    "not-text": (("Text is expected.", "Send a string."), ("Texte attendu.", "Envoyez du texte.")),
    "text-length": (
        ("Between {min} and {max} signs are expected.", "Shorten or complete it."),
        ("Entre {min} et {max} signes sont attendus.", "Raccourcissez ou complétez."),
    ),
    "not-short": (
        ("Signs are not accepted here: {pattern} is expected.", "Leave the others out."),
        ("Des signes ne sont pas admis : {pattern} est attendu.", "Retirez les autres."),
    ),
    "text-control": (
        ("The text holds control characters.", "Remove them."),
        ("Le texte contient des caractères de contrôle.", "Retirez-les."),
    ),
    "not-whole": (
        ("A whole number is expected.", "Send a number without fraction or quotes."),
        ("Nombre entier attendu.", "Envoyez un nombre sans décimale ni guillemets."),
    ),
    "not-big-whole": (
        ("A whole number as text is expected.", 'Send digits in quotes, such as "1200".'),
        ("Nombre entier en texte attendu.", "Envoyez des chiffres entre guillemets."),
    ),
    "out-of-range": (
        ("The number must lie between {min} and {max}.", "Choose one in between."),
        ("Le nombre doit être entre {min} et {max}.", "Choisissez-en un entre les deux."),
    ),
    "not-a-choice": (
        ("One of these is expected: {choices}.", "Choose one of them."),
        ("Une de ces valeurs est attendue : {choices}.", "Choisissez-en une."),
    ),
    "not-a-flag": (("true or false is expected.", _FIX), ("true ou false attendu.", _FIX_FR)),
    "not-a-time": (
        (
            "A time with its offset is expected (RFC 3339).",
            "Send it like 2026-11-23T18:00:00Z.",
        ),
        ("Instant avec décalage attendu (RFC 3339).", "Par exemple 2026-11-23T18:00:00Z."),
    ),
    "not-a-day": (
        ("A day is expected.", "Send it like 2026-11-23."),
        ("Jour attendu.", "Par exemple 2026-11-23."),
    ),
    "not-an-id": (("An id (UUID) is expected.", _DOCS), ("Identifiant UUID attendu.", _DOCS_FR)),
    "not-an-address": (
        ("A chain address is expected.", "0x and 40 hexadecimal digits, checksum in order."),
        ("Adresse de chaîne attendue.", "0x et 40 chiffres hexadécimaux, contrôle correct."),
    ),
    "not-hex": (
        ("{bytes} bytes in hexadecimal are expected.", "0x and two digits per byte."),
        ("{bytes} octets en hexadécimal attendus.", "0x et deux chiffres par octet."),
    ),
    "not-an-email": (
        ("This is not an e-mail address.", "Check it; it looks like somebody@somewhere.example."),
        ("Ce n’est pas une adresse électronique.", "Vérifiez-la : quelqu-un@quelque-part.example."),
    ),
    "bad-cursor": (
        ("This cursor is not one of ours.", "Start again without a cursor."),
        ("Ce curseur n’est pas des nôtres.", "Recommencez sans curseur."),
    ),
}

for _code, (_status, _en, _fr) in HTTP.items():
    define(_code, _status, en=_en, fr=_fr)
for _code, ((_detail, _do), (_detail_fr, _do_fr)) in FIELDS.items():
    define(_code, 422, en=(_detail, "", _do), fr=(_detail_fr, "", _do_fr))

on_constraint("pk_idempotency_key", "idempotency-in-flight")
