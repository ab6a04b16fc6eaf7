"""Fuzzing of every parser that reads foreign bytes.

`targets/` has one module for each: `PROMISE` says what holds for any bytes, `check` breaks if it
does not, `seeds` gives good examples. `corpus/<target>/` keeps small inputs that once reached
something new or broke something; `test_corpus.py` replays all of it in every test run, without
atheris.

    python -m tests.fuzz TARGET [--seconds N]      look for more (needs atheris, from `.[fuzz]`)
"""
