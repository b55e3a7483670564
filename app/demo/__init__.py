"""The simulated city: for demos only, called simulated wherever it is shown."""
