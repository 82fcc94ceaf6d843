"""How a learning curve goes on: families of curves, and what they make of a beginning."""
