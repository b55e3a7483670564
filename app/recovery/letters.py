"""Letters about blocks and recoveries, to every address that a person has, with a link that works
once where they can stop something. Nothing for a person without an address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.block_models import LinkKind, WalletBlock
from app.identity.letter_links import make_link
from app.identity.people import email_of, person
from app.letter_times import worded
from app.mail import SITE, queue_letter
from app.privacy.service import Actor
from app.recovery.models import Recovery, RecoveryKind

Words = dict[str, tuple[str, str]]  # by language: subject, text
_SYSTEM = Actor.system("recovery")

BLOCKED: Words = {
    "fr": (
        "Votre portefeuille est bloqué",
        (
            "Votre portefeuille est bloqué jusqu’au {until} : rien n’en est payé d’ici là.\n"
            "Vos gestes restent enregistrés. Pour le débloquer avant, adressez-vous au guichet.\n"
        ),
    ),
    "en": (
        "Your wallet is blocked",
        (
            "Your wallet is blocked until {until}: nothing is paid from it until then.\n"
            "Your deeds go on being recorded. To lift it earlier, ask at the counter.\n"
        ),
    ),
}
LIFTED: Words = {
    "fr": ("Votre portefeuille est débloqué", "Un agent de la ville a levé le blocage.\n"),
    "en": ("Your wallet works again", "An officer of the city has lifted the block.\n"),
}
NOTICE: Words = {
    "fr": (
        "On vous rend l’accès à votre compte : est-ce bien vous ?",
        (
            "Deux agents de la ville vont changer la façon d’accéder à votre compte, à la demande\n"
            "de quelqu’un qui s’est présenté comme vous. Ce sera fait le {ready}.\n\n"
            "Si ce n’est pas vous, dites-le avant, sans vous connecter :\n{link}\n\n"
            "Tout s’arrête alors, et deux autres agents décident.\n"
        ),
    ),
    "en": (
        "Your account is being given back: is it you who asked?",
        (
            "Two officers of the city are about to change how your account is reached, as\n"
            "somebody asked who came as you. It will be done on {ready}.\n\n"
            "If that is not you, say so before, without signing in:\n{link}\n\n"
            "Everything stops then, and two other officers decide.\n"
        ),
    ),
}
ANNOUNCED: Words = {
    "fr": (
        "Vos jetons vont passer sous une autre clé : est-ce bien vous ?",
        (
            "Quelqu’un l’a demandé depuis votre compte. Ce sera fait le {ready}, pas avant ;\n"
            "d’ici là votre portefeuille paie comme d’habitude.\n\n"
            "Ce n’était pas vous ? Arrêtez tout et bloquez votre portefeuille, sans vous"
            " connecter :\n{link}\n\n"
            "Vous pouvez aussi l’arrêter sous « La clé de mon portefeuille », ou appeler la"
            " ville.\n"
        ),
    ),
    "en": (
        "Your tokens are about to go under another key: is it you who asked?",
        (
            "Somebody asked for it from your account. It will be done on {ready}, not before;\n"
            "until then your wallet pays as ever.\n\n"
            "That wasn’t you? Stop it all and block your wallet, without signing in:\n{link}\n\n"
            "You can also stop it under “The key of my wallet”, or call the city.\n"
        ),
    ),
}
MOVED: Words = {
    "fr": (
        "La clé de votre portefeuille change de place",
        (
            "Vos jetons passent sous une autre clé, comme demandé depuis votre compte.\n\n"
            "Ce n’était pas vous ? Bloquez votre portefeuille, sans vous connecter :\n{link}\n"
        ),
    ),
    "en": (
        "The key of your wallet changes",
        (
            "Your tokens go on under another key, as was asked from your account.\n\n"
            "That wasn’t you? Block your wallet, without signing in:\n{link}\n"
        ),
    ),
}
OBJECTED: Words = {
    "fr": (
        "La restitution de votre compte est arrêtée",
        "Quelqu’un s’y est opposé. Deux autres agents décident d’ici le {until}.\n",
    ),
    "en": (
        "The giving back of your account has stopped",
        "Somebody objected. Two other officers decide by {until}.\n",
    ),
}
DEATH_NOTICE: Words = {
    "fr": (
        "Votre compte va être fermé : êtes-vous en vie ?",
        (
            "Deux agents de la ville ont vu un document disant que le titulaire de ce compte est\n"
            "décédé. Le compte sera fermé et ses données effacées le {ready}.\n\n"
            "Si c’est faux, connectez-vous, ou dites-le avant, sans vous connecter :\n{link}\n\n"
            "Tout s’arrête alors, et deux autres agents décident.\n"
        ),
    ),
    "en": (
        "Your account is about to be closed: are you alive?",
        (
            "Two officers of the city have seen a paper by which the owner of this account has\n"
            "died. The account is closed and its data erased on {ready}.\n\n"
            "If that is a mistake, sign in, or say so before without signing in:\n{link}\n\n"
            "Everything stops then, and two other officers decide.\n"
        ),
    ),
}
DEATH_OBJECTED: Words = {
    "fr": (
        "La fermeture de votre compte est arrêtée",
        "Quelqu’un s’est connecté ou s’oppose. Deux autres agents décident avant le {until}.\n",
    ),
    "en": (
        "The closing of your account has stopped",
        "Somebody came in, or objected. Two other officers decide by {until}.\n",
    ),
}
DONE: Words = {
    "fr": (
        "Votre compte vous est rendu",
        "Voilà qui est fait. Toutes les anciennes connexions sont terminées.\n",
    ),
    "en": (
        "Your account is yours again",
        "It is done. All earlier sign-ins have ended.\n",
    ),
}
DEATH_FAILED: Words = {
    "fr": ("Votre compte reste ouvert", "Il n’a pas été fermé, et fonctionne comme avant.\n"),
    "en": ("Your account stays open", "It was not closed, and works as before.\n"),
}
FAILED: Words = {
    "fr": ("Rien ne change à votre compte", "La restitution demandée n’a pas eu lieu.\n"),
    "en": ("Nothing changes in your account", "What was asked for was not done.\n"),
}


def tell_blocked(session: Session, block: WalletBlock, now: datetime) -> None:
    tell(session, block.person_id, BLOCKED, now, until=block.until)


def tell_lifted(session: Session, block: WalletBlock, now: datetime) -> None:
    tell(session, block.person_id, LIFTED, now)


def tell_confirmed(session: Session, case: Recovery, now: datetime) -> None:
    """With the link that objects."""
    token = make_link(session, case.person_id, LinkKind.OBJECTION, now, about=case.id)
    ready = case.ready_at or now
    words = DEATH_NOTICE if case.kind is RecoveryKind.DEATH else NOTICE
    tell(session, case.person_id, words, now, ready=ready, link=f"{SITE}/not-me/{token}")


def tell_announced(session: Session, person_id: UUID, ready: datetime, now: datetime) -> None:
    """With the same link, which stops the move as well."""
    token = make_link(session, person_id, LinkKind.BLOCK, now)
    link = f"{SITE}/not-me/{token}"
    tell(session, person_id, ANNOUNCED, now, ready=ready, link=link)


def tell_moved(session: Session, person_id: UUID, now: datetime) -> None:
    """With the link that blocks the wallet of an owner who asked for nothing."""
    token = make_link(session, person_id, LinkKind.BLOCK, now)
    tell(session, person_id, MOVED, now, link=f"{SITE}/not-me/{token}")


def tell_objected(session: Session, case: Recovery, now: datetime) -> None:
    words = DEATH_OBJECTED if case.kind is RecoveryKind.DEATH else OBJECTED
    tell(session, case.person_id, words, now, until=case.ends_at)


def tell(
    session: Session, person_id: UUID, words: Words, now: datetime, **values: str | datetime
) -> None:
    to = email_of(session, person_id, purpose="service_mail", actor=_SYSTEM)
    if to is not None:
        write(session, to, person(session, person_id).language, words, now, **values)


def write(
    session: Session,
    to: str,
    language: str,
    words: Words,
    now: datetime,
    **values: str | datetime,
) -> None:
    subject, text = words[language]
    said = worded(values, language)
    queue_letter(session, to=to, subject=subject, text=text.format(**said), now=now)
