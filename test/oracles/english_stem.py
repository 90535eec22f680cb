"""Golden stems for src/lexical/english-stem.test.ts from Snowball's English stemmer (snowballstemmer 3.1.1).

Writes test/fixtures/english-stem/stems.tsv: word, stem. The words are those of the file that is given, one a line;
without one, those that are there are stemmed again.

Run from the repository's root: python test/oracles/english_stem.py [WORDS]
"""

import sys
from pathlib import Path

import snowballstemmer

OUT = Path("test/fixtures/english-stem/stems.tsv")


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    words = sorted({line.split("\t")[0] for line in source.read_text(encoding="utf-8").splitlines()})
    stemmer = snowballstemmer.stemmer("english")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("".join(f"{word}\t{stemmer.stemWord(word)}\n" for word in words), encoding="utf-8")


if __name__ == "__main__":
    main()
