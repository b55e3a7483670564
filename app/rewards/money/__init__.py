"""What a programme has and owes: funding, budget, ledger, and what goes back."""
