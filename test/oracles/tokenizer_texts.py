"""Texts that are hard on tokenizers, in many scripts, for tokenizer_families.py."""

import unicodedata
from pathlib import Path

SENTENCES = Path(__file__).parents[1] / "fixtures" / "tokenizer" / "sentences.txt"

SCRIPTS = [
    "ฉันกินข้าวที่บ้านกับน้ำ ๑๒๓ บาท",
    "ຂ້ອຍກິນເຂົ້າຢູ່ເຮືອນ ນ້ຳ ໑໒໓",
    "ខ្ញុំញ៉ាំបាយនៅផ្ទះ ១២៣",
    "Ọjọ́ ìbí mi ni ọ̀la, ẹ kú àárọ̀ o. Ṣé ẹ ti jẹun?",
    "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ ١٢٣ ؟ ـــ",
    "می‌خواهم به خانه بروم، لطفاً",
    "בְּרֵאשִׁית בָּרָא אֱלֹהִים אֵת הַשָּׁמַיִם",
    "क्षत्रिय ज्ञान श्री हिन्दी में क़लम और ड़ ढ़ १२३ ।",
    "தமிழ் மொழியில் எழுதுகிறேன் கொ கௌ ௧௨௩",
    "አማርኛ ቋንቋ ነው። ሰላም፣ እንዴት ነህ? ፩፪፫",
    "ქართული ენა ᲥᲐᲠᲗᲣᲚᲘ ძველია",
    "Съешь ещё этих мягких французских булок, Ёжик; І ї Ґ",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· ΟΔΟΣ ΣΣΣ ὰ ᾳ ΐ",
    "我们在北京的2024年第１２天喝水。繁體字也一樣：臺灣",
    "東京でラーメンを食べました。ﾊﾝｶｸ カタカナ ー ㍿ ㋿ が が",
    "한국어는 재미있다 한국어 각 ㄱㄴㄷ ㈜",
    "Հայերեն լեզու և գրություն։",
    "বাংলা ভাষা খুব সুন্দর কো কৌ ড় ০১২",
    "తెలుగు భాష ಕನ್ನಡ ಭಾಷೆ മലയാളം ഭാഷ ൻ സിംഹള සිංහල",
    "བོད་ཡིག་ནི་སྙན་པོ་རེད། གྷ",
    "မြန်မာစာ ဘာသာစကား ၁၂၃",
    "ᠮᠣᠩᠭᠣᠯ ᐃᓄᒃᑎᑐᑦ ᏣᎳᎩ ⵜⴰⵎⴰⵣⵉⵖⵜ ߒߞߏ 𞤀𞤣𞤤𞤢𞤥",
    "Tiếng Việt có dấu: ướt đẫm, quyển sách, ĐƯỜNG",
    "İstanbul'da ışık IŞIK ığdır İİ",
    "Straße GROẞ ÄÖÜ ﬁnd ﬀ ŉ ǆ Å Å ẛ̣",
    "Ng'ombe wa babu'yangu hakula nyasi—ng’ombe!",
    "Ɓaɗi ƙasa 'Yan Ŋgɔ ɛ̃ ɔ̀ Ɛ́",
]

ADVERSARIAL = [
    "", " ", "  ", "\t", "\n", "\r\n", " \r\n \t ", "a\r\nb", "\u3000全角\u3000", "\u00a0nb\u00a0sp\u202fx\u2009y",
    "\u2028line\u2029par", "a\u0085b\u000bc\u000cd", "\x00a\x01b\x7f\x9f\x8fc", "\ufeffBOM\u200b\u2060zero\u00adsoft",
    "a\u200db\u200cc", "\u200e\u202eRTL\u202c \u2067مرحبا\u2069", "👨‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇰🇪🇳🇬 1️⃣ ☎️ ✊🏿✊🏻", "🙂🙂🙂", "a🙂b 😀",
    "\u0301 leading mark", " \u0301 after a space", "e\u0301\u0323 e\u0323\u0301 ệ ệ ệ", "a\u0315\u0300\u05ae\u0327b",
    "\u1100\u1161\u11a8 \uac00\u11a8 \u1100\uac00", "\u0344 \u0345\u0301 \u1fed", "½ ² ⅷ ① ㎏ ﷺ ﬃ ℡ ™ …", "Ⅳ ⓐ 𝔘𝔫𝔦 𝟘𝟙 𝒜",
    "don't I'LL we've they're it's 'S \u2019s I'm'm", "!!!???...--- (a)[b]{c} <d> «e» „f“ ¿g? ¡h!", "$1,000.50 €20 £3 ¥4 +5 =6 ~7 ^8 `9` |10|",
    "3.14 1,5 2024-11-28T12:30 192.168.0.1 https://example.org/a_b?c=d&e=%20#f user@example.org",
    "snake_case camelCase kebab-case CONST_X a\u203fb", "x" * 250, "ab" * 120, "ก" * 130, "नमस्ते" * 40, "水" * 130, "🙂" * 120,
    "a" * 99 + " " + "b" * 100 + " " + "c" * 101, "a  b   c    d     e      f", "   leading and trailing   ",
    "\nnew\n\n\nlines\n\n", "tab\t\ttab", "▁already▁marked▁▁twice ▁", "Ġbyte Ċ letters Ã©", "##pieces ## #", "<0x41><0xFF> <0x00>",
    "[CLS] a [SEP] b [PAD][MASK] [UNK]", "[MASK][MASK] x[MASK]y [mask] [ MASK ]", "<s>a</s> <mask> b <pad><unk> <mask>c d<mask>",
    "  <mask>  <mask>  end", "\u00a0<mask>\u3000[MASK]\u2009", "é<mask>é 水<mask>水 ก<mask>า", "<bos>x<eos> <unused0><unused1> <start_of_turn>",
    "|||EMAIL_ADDRESS||| me|||EMAIL_ADDRESS|||you", "loneword lonewordx xloneword lone-word LONEWORD loneword's loneword。 (loneword)",
    "stripboth  stripboth   a", "straße Stripped STRIPPED stripped", "MixedNorm mixednorm MIXEDNORM MíxedNorm",
    "the word ماء means 水 or น้ำ, in हिन्दी पानी", "abcאבג123דהו xyz", "עברית english العربية 中文 mixed",
    "\ufb1d \ufb4f יִ שׁ \u0958 \u09dc \u0f43", "\U0001d15e \U00011938 \U00016d68 \U0001e030 \U0001ccd6", "\u32ff \ua7f2 \uab69 \U00010781",
    "\u1734\U0001171e\u1cf2\u07fd\u0897\u08ca \u061d\u09fd\u0a76 \u166d", "ᲀ Ა ꭰ Ꭰ ẞ ǅ K Å Ω", "ŒUVRE œuvre ÆØÅ æøå ĲSSEL",
    "कि\u200dक\u094d\u200dष क\u094d\u200cष", "a\u034f\u0301b \u20dd\u20e3 1\u20e3 #\ufe0f\u20e3", "؀١٢ ۝٣ ܏ܐ",
    "aำ ำ ຳ aຳ", "\ufffd \ufffe \uffff \U0010ffff \ue000 \U000f0000", "\u0378\u0379 \u2fe0 \U0001fbff", "ﬀ\u0301 ﬃ\u0323\u0307",
]

# As JSON has them: a half of a surrogate pair by itself. They are read as U+FFFD.
LONE_SURROGATES = ["a\ud83db", "\ude00", "x\ud83d \ude00y", "\ud800\ud800\udc00\udc00"]


def all_texts():
    sentences = SENTENCES.read_text(encoding="utf-8").split("\n")[:-1]
    plain = SCRIPTS + sentences[::2]
    texts = ADVERSARIAL + SCRIPTS + sentences
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        texts += [changed for text in plain if (changed := unicodedata.normalize(form, text)) != text]
    texts += [text.upper() for text in SCRIPTS if text.upper() != text]
    texts += [" ".join(sentences[:12]), "\n".join(SCRIPTS[:9]), "".join(SCRIPTS)]
    return list(dict.fromkeys(texts)) + LONE_SURROGATES


def readable(text):
    """What a tokenizer is given for a text."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in whole)
