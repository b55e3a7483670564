"""Signing in through an OpenID provider, and what it proves of a person."""
