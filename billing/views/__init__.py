"""The buyer's pages: each view reads the input, calls one service and answers."""
