"""What the tables of the council's document are called, in French and English; `|` parts cells."""

from __future__ import annotations

from collections.abc import Mapping

MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "from_plan": "Simulated: the rules tried on the plan of the demo city. `make council`.",
        "from_run": "Simulated: one run of the small demo city. `make council`.",
        "from_code": "From the program's own rules, `app/rewards/life.py`. `make council`.",
        "season": "tried on the demo city|",
        "season_rows": "people|days|deeds|cost in tokens (one token is one euro of goods)|"
        "per rewarded deed|per person and 30 days|"
        "for 1,000 such people over 12 such months, if all were as here",
        "months": "month|deeds|cost",
        "caps": "|caps as written|every cap halved",
        "caps_rows": "worth before caps|cost|people who get less",
        "spread": "who gets, in all|people|together",
        "up_to": "up to {most}", "over": "over {above}, up to {most}",
        "run": "one run, from the first deed to the audit|",
        "run_rows": "deeds recorded|deeds settled on the register|refused|"
        "taken out of the figures afterwards|transactions on the register|"
        "computing units (gas) they used",
        "good": "counted in that run|",
        "good_rows": "kilometres|kilograms of waste|litres of water|kilowatt-hours|hours|items",
        "ledger": "the money of that run|",
        "ledger_rows": "funded|earned (minted)|not earned: would go back to the funder|"
        "paid in shops|given back by shops|paid out to shops in euros|earned and not yet paid out",
        "days": "rule|days",
        "days_rows": "between the last day to earn and the last day to spend, at least|"
        "between the announcement and the last day to spend, at least|"
        "for settling, after the last day to spend",
    },
    "fr": {
        "from_plan": "Simulé\u00a0: règles essayées sur le plan de la ville de démonstration. "
        "`make council`.",
        "from_run": "Simulé\u00a0: une exécution de la petite ville de démonstration. "
        "`make council`.",
        "from_code": "Règles du programme lui-même, `app/rewards/life.py`. `make council`.",
        "season": "essai sur la ville de démonstration|",
        "season_rows": "personnes|jours|gestes|coût en jetons (un jeton vaut un euro d’achats)|"
        "par geste récompensé|par personne et par 30 jours|"
        "pour 1\u202f000 personnes semblables pendant 12 mois semblables, si tout était comme ici",
        "months": "mois|gestes|coût",
        "caps": "|plafonds tels qu’écrits|chaque plafond réduit de moitié",
        "caps_rows": "valeur avant plafonds|coût|personnes qui reçoivent moins",
        "spread": "reçoit en tout|personnes|ensemble",
        "up_to": "jusqu’à {most}", "over": "plus de {above}, jusqu’à {most}",
        "run": "une exécution, du premier geste à l’audit|",
        "run_rows": "gestes enregistrés|gestes inscrits définitivement au registre|refusés|"
        "retirés des chiffres ensuite|transactions au registre|unités de calcul (gas) utilisées",
        "good": "compté dans cette exécution|",
        "good_rows": "kilomètres|kilogrammes de déchets|litres d’eau|kilowattheures|heures|objets",
        "ledger": "l’argent de cette exécution|",
        "ledger_rows": "versé par le financeur|gagné (émis)|"
        "non gagné\u00a0: reviendrait au financeur|"
        "payé dans les commerces|rendu par les commerces|versé aux commerces en euros|"
        "gagné et pas encore versé",
        "days": "règle|jours",
        "days_rows": "entre le dernier jour pour gagner et le dernier jour pour dépenser, au moins|"
        "entre l’annonce et le dernier jour pour dépenser, au moins|"
        "pour le règlement, après le dernier jour pour dépenser",
    },
}  # fmt: skip
