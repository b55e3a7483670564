"""The last letter to somebody who left: what is gone, what stays, why and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.letter_times import day
from app.mail import queue_letter
from app.rewards.language.figures import amount as tokens


class Closed(Protocol):
    """What the letter says of the account."""

    @property
    def available_cents(self) -> int: ...
    @property
    def complete_at(self) -> datetime: ...


SUBJECT = {"fr": "Votre compte est fermé", "en": "Your account is closed"}
TEXT = {
    "fr": """\
Votre compte est fermé et la clé de vos données est détruite.

Effacé : votre adresse, vos notes, vos messages, vos codes, l’heure et le lieu de vos gestes. Une
sauvegarde pourrait encore les ouvrir jusqu’au {complete} ; ensuite, plus rien ne le peut.

Gardé, sous un numéro qui ne mène plus à vous : le jour, le type et la quantité de vos gestes et
les montants de vos paiements, car ce sont les comptes de la ville, contrôlés pendant dix ans.

Sur la chaîne restent des adresses et des montants ; rien n’y nomme personne. Le lien entre vous et
une adresse n’existe plus ici. Un commerçant qui se souvient d’un de vos achats, ou qui en a noté
l’heure, pourrait encore vous reconnaître dans ses propres papiers.

Vos jetons ({tokens} avant la fermeture) : ce que vous n’avez pas donné reste bloqué et retourne
au financeur le dernier jour du programme.

Ceci est le dernier courriel ; nous n’avons plus votre adresse.
""",
    "en": """\
Your account is closed and the key of your data is destroyed.

Gone: your address, your notes, your messages, your codes, hour and place of what you did. A backup
could still open them until {complete}; after that nothing can.

Kept, under a number that no longer leads to you: day, kind and quantity of what you did and the
amounts of your payments, since they are the city's accounts, open to audit for ten years.

On the chain remain addresses and amounts; nothing there names anybody. The link between you and an
address no longer exists here. A merchant who remembers a purchase of yours, or wrote down its hour,
could still recognise you in their own papers.

Your tokens ({tokens} before closing): what you did not give away stays blocked and goes back to the
funder on the programme's last day.

This is the last letter; we no longer have your address.
""",
}


def tell_closed(
    session: Session, address: str, language: str, closed: Closed, now: datetime
) -> None:
    """Queued with the closing itself; the row goes when the letter has left."""
    text = TEXT[language].format(
        complete=day(closed.complete_at, language),
        tokens=tokens(closed.available_cents, language),
    )
    queue_letter(session, to=address, subject=SUBJECT[language], text=text, now=now)
