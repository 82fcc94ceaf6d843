"""How a driver ends: when it drains, which jobs it takes back, and what its outcome is."""
