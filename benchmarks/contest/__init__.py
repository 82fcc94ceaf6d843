"""The contest of tuners: plays ours and the installed peers side by side, and judges them."""
