"""What each kind of line says, in French and English; `words` puts the values in.

A line that brings or takes something ends in `RESULT`, which tables show in a column of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.typography import printed

RESULT: Mapping[str, str] = {"en": ": {amount}", "fr": "\u00a0: {amount}"}
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "under_minimum": "{value} is under the minimum of {bound}.",
        "not_above": "{value} isn't more than {bound}, as it must be.",
        "over_maximum": "{value} is over the maximum of {bound}.",
        "not_below": "{value} isn't less than {bound}, as it must be.",
        "not_met": "Not met: {clause}{found}.",
        "excluded": "Excluded: {clause}{found}.",
        "not_known": "Not known, and it must be: {clause}.",
        "to_find_out": "To be found out first: {clause}.",
        "measure_not_known": "{of} isn't known, so there is nothing to reckon with.",
        "measure_to_find_out": "To be found out first: {of}.",
        "no_tariff": "No tariff of the programme is for this deed.",
        "no_step": "The tariff pays nothing for {value}.",
        "passed_over": "Another tariff ({rule}) would fit too; {first} comes first.",
        "fixed": "For the deed: {amount}.",
        "seats": "{seats} at {cents}: {amount}.",
        "per": "{counted} at {cents} for each {size}{times_seats}{most}: {amount}.",
        "times": "Multiplied by {times}: {amount}.",
        "minus": "Less {what}: {amount}.",
        "at_most": "At most {what}: {amount}.",
        "at_least": "At least {what}: {amount}.",
        "rounding": "Rounded to whole cents: {amount}.",
        "not_under_zero": "Never less than nothing: {amount}.",
        "limit": "{count} of {most} {whose} {period} were used already: {amount}.",
        "limit_reached": "A limit {whose} {period} is reached: {amount}.",
        "whose_not_known": "It isn't known {whose} it counts for, and a limit asks it.",
        "kept_back": "Kept back until then: {amount}.",
        "not_vouched": "Nobody vouched for it: it is counted apart and brings nothing.",
        "no_rules": "The programme had no rules in force then.",
        "budget": "The programme's money has only {left} left: {amount}.",
        "to_set_against": "Never a negative credit, so set against later ones (still to be set "
        "against: {still}): {amount}.",
        "set_against": "{owed} were still to be set against (left of it: {still}): {amount}.",
        "added_on": "A correction left {owed} to be added (left of it: {still}): {amount}.",
    },
    "fr": {
        "under_minimum": "{value}, c’est moins que le minimum de {bound}.",
        "not_above": "{value}, ce n’est pas plus de {bound}, comme il le faut.",
        "over_maximum": "{value}, c’est plus que le maximum de {bound}.",
        "not_below": "{value}, ce n’est pas moins de {bound}, comme il le faut.",
        "not_met": "Condition non remplie : {clause}{found}.",
        "excluded": "Exclu : {clause}{found}.",
        "not_known": "Inconnu, et il faut le savoir : {clause}.",
        "to_find_out": "À vérifier d’abord : {clause}.",
        "measure_not_known": "{of} : inconnu, il n’y a donc rien à calculer.",
        "measure_to_find_out": "À vérifier d’abord : {of}.",
        "no_tariff": "Aucun tarif du programme n’est prévu pour ce geste.",
        "no_step": "Le tarif ne paie rien pour {value}.",
        "passed_over": "Un autre tarif ({rule}) conviendrait aussi ; {first} passe avant.",
        "fixed": "Pour le geste : {amount}.",
        "seats": "{seats} à {cents} : {amount}.",
        "per": "{counted} à {cents} pour {size}{times_seats}{most} : {amount}.",
        "times": "Multiplié par {times} : {amount}.",
        "minus": "Moins {what} : {amount}.",
        "at_most": "Au plus {what} : {amount}.",
        "at_least": "Au moins {what} : {amount}.",
        "rounding": "Arrondi au centime entier : {amount}.",
        "not_under_zero": "Jamais moins que rien : {amount}.",
        "limit": "{count} sur {most} {whose} {period} étaient déjà pris : {amount}.",
        "limit_reached": "Un plafond {whose} {period} est atteint : {amount}.",
        "whose_not_known": "On ne sait pas {whose} cela compte, et un plafond le demande.",
        "kept_back": "En attente d’ici là : {amount}.",
        "not_vouched": "Personne ne s’en est porté garant : compté à part, sans récompense.",
        "no_rules": "Le programme n’avait alors aucune règle en vigueur.",
        "budget": "Il ne reste que {left} dans le budget du programme : {amount}.",
        "to_set_against": "Jamais de crédit négatif, donc à déduire des suivants (reste à "
        "déduire : {still}) : {amount}.",
        "set_against": "Il restait {owed} à déduire (il en reste {still}) : {amount}.",
        "added_on": "Une correction a laissé {owed} à ajouter (il en reste {still}) : {amount}.",
    },
}
SENTENCES = printed(SENTENCES)
