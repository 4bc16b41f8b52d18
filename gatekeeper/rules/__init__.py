"""The rules of a gate: pure, standard library only. Values, clauses, kinds, decide, codec, words, packs."""
