"""The treasurers' pages: fundings, bank files, what goes back to a funder."""
