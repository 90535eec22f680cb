"""Golden scores of answers by the rules of SQuAD and MLQA, written anew from their description with Python's own
regular expressions, Unicode tables and splitting, which is what both rule sets are defined by.

Writes test/fixtures/answers/expected.json: rules, language, prediction, answers, exact match, F1.

    python test/oracles/answers.py
"""
import collections
import json
import pathlib
import random
import re
import string
import sys
import unicodedata

OUT = pathlib.Path(__file__).parent.parent / "fixtures" / "answers"
UNICODE_PUNCTUATION = set(string.punctuation) | {
    chr(i) for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)).startswith("P")
}
ARTICLES = {
    "en": r"\b(a|an|the)\b",
    "es": r"\b(un|una|unos|unas|el|la|los|las)\b",
    "de": r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "vi": r"\b(của|là|cái|chiếc|những)\b",
    "ar": r"ال",
}


def tokens(text, rules, language):
    drop = set(string.punctuation) if rules == "squad" else UNICODE_PUNCTUATION
    text = "".join(c for c in text.lower() if c not in drop)
    article = ARTICLES["en"] if rules == "squad" else ARTICLES.get(language)
    if article:
        text = re.sub(article, " ", text)
    if rules == "mlqa" and language == "zh":
        text = re.sub(r"([\u4e00-\u9fa5])", r" \1 ", text)
    return text.split()


def score(prediction, answers, rules, language):
    exact, best = 0.0, 0.0
    predicted = tokens(prediction, rules, language)
    for answer in answers:
        wanted = tokens(answer, rules, language)
        exact = max(exact, float(predicted == wanted))
        same = sum((collections.Counter(predicted) & collections.Counter(wanted)).values())
        if same:
            p, r = same / len(predicted), same / len(wanted)
            best = max(best, 2 * p * r / (p + r))
    return exact, best


WORDS = {
    "en": "the a an The theatre Aan o'clock U.S. naïve the_x x-ray “quoted” 3.5% £5 … cafe\u0301 the\u0301 a1".split(),
    "es": "el la los Él ¿qué? ¡sí! una unas España lasaña la-la El_Niño años l\u00e1 un".split(),
    "de": "der Die das des Straße derselbe ein eine „Zitat“ GRÖSSE den-dem einer Übermut".split(),
    "vi": "của là cái chiếc những Việt Nam làng cái-này Hà Nội, la của_ta".split(),
    "hi": "है। क्या, भारत दिल्ली १२३ का की ॥ नई-दिल्ली".split(),
    "ar": "القاهرة ال والكتاب مصر؟ كتاب، ٢٠٢٤ الالعاب بالعربية «نص»".split(),
    "zh": "中国 北京市 abc中def 2008年 「引用」 上海， ，。 龥龦 A股 〇".split(),
    "sw": "Nairobi, ya na Dar-es-Salaam the ng'ombe".split(),
}
SPACES = [" ", " ", " ", "\u00a0", "\t", "\u3000", "\x1c", "  ", "\u2003"]
draw = random.Random(11)
cases = []
for language, words in WORDS.items():
    for rules in ["mlqa", "squad"]:
        for _ in range(40):
            phrase = lambda n: "".join(w for _ in range(n) for w in (draw.choice(words), draw.choice(SPACES)))
            answers = [phrase(draw.randint(0, 4)) for _ in range(draw.randint(1, 3))]
            prediction = draw.choice([phrase(draw.randint(0, 4)), draw.choice(answers).upper()])
            exact, f1 = score(prediction, answers, rules, language)
            cases.append([rules, language, prediction, answers, exact, f1])
OUT.mkdir(parents=True, exist_ok=True)
with open(OUT / "expected.json", "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]\n")
