"""What can be wrong with outside data, by stable code."""

from __future__ import annotations

from app.errors import define, on_constraint

define(
    "outside-invalid",
    422,
    en=("This data can't be used", "{path}: {what}.", "Correct this place and send it again."),
    fr=("Ces données sont inutilisables", "{path} : {what}.", "Corrigez puis renvoyez."),
)
define(
    "outside-in-the-past",
    422,
    en=(
        "Another version can't begin in the past",
        "Old deeds keep what held on their day.",
        "Choose a later start.",
    ),
    fr=(
        "Une autre version ne commence pas dans le passé",
        "Les gestes passés gardent ce qui valait leur jour.",
        "Choisissez plus tard.",
    ),
)
define(
    "outside-unchanged",
    409,
    en=("This is what version {version} says", "Nothing would change.", "Change it or leave it."),
    fr=("C’est ce que dit la version {version}", "Rien ne changerait.", "Modifiez ou laissez."),
)
define(
    "outside-changed",
    409,
    en=(
        "What these rules rely on is another by now",
        "{what}.",
        "Reject this proposal; read what holds, then propose the rules again.",
    ),
    fr=(
        "Ce dont dépendent ces règles a changé",
        "{what}.",
        "Rejetez cette proposition ; lisez ce qui vaut, puis proposez à nouveau les règles.",
    ),
)
on_constraint("uq_outside_data_kind_name_version", "proposal-waits")
