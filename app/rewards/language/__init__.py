"""The language of reward rules: form, meaning, evaluation, explanation. No database, no web.

`loading.load` checks a rule set, `compiling.compile_rules` makes it fast, `explaining.explain`
says why. docs/rules.md is the reference, docs/adr/0026 says why it is so.
"""
