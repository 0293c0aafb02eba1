"""`python deploy/moving` is the command of moving.py."""

from moving import main

main()
