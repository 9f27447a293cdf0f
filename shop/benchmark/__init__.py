"""How fast the shop is: its pages over HTTP, beside what PostgreSQL and Django's smallest view could do at best.

`manage.py bench` measures; `docs/benchmark.md` tells how to read what it prints. The benchmark knows the shop as a
stranger does: by HTTP, by commands, and by SQL. No shop that is served loads it.
"""
