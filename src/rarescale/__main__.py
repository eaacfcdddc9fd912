"""`python -m rarescale` is the command `rarescale`."""

from rarescale.cli import main

main()
