"""Writes test/fixtures/data-sets: a few invented records of each data set in the layout it is published in.

Run from the root of the checkout: python3 test/oracles/data-sets.py
"""
import gzip, io, json, struct
from pathlib import Path

ROOT = Path('test/fixtures/data-sets')


def write(name, text, packed=False):
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    if packed:
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode='wb', mtime=0) as file:
            file.write(data)
        data = buffer.getvalue()
    path.write_bytes(data)


def rows(*lines):
    return ''.join('\t'.join(str(c) for c in line) + '\n' for line in lines)


def jsonl(*records, ascii=False):
    return ''.join(json.dumps(r, ensure_ascii=ascii) + '\n' for r in records)


# MS MARCO
write('msmarco/collection.tsv', rows((0, 'Boil the water for one minute.'), (1, 'A kettle boils water.'), (2, ' '), (3, 'Bees make honey.')))
write('msmarco/queries.train.tsv', rows((10, 'how long to boil water'), (11, 'who makes honey')))
write('msmarco/queries.dev.small.tsv', rows((12, 'what does a kettle do')))
write('msmarco/qrels.train.tsv', rows((10, 0, 0, 1), (11, 0, 3, 1)))
write('msmarco/qrels.dev.small.tsv', rows((12, 0, 1, 1)))
write('msmarco/triples.train.small.tsv', rows(('how long to boil water', 'Boil the water for one minute.', 'Bees make honey.')))
write('msmarco/qidpidtriples.train.full.2.tsv.gz', rows((10, 0, 3), (11, 3, 1)), packed=True)
write('msmarco/top1000.dev', rows((12, 3, 'what does a kettle do', 'Bees make honey.'), (12, 1, 'what does a kettle do', 'A kettle boils water.'), (13, 1, 'kettle', 'A kettle boils water.')))

# mMARCO
write('mmarco/data/google/collections/hindi_collection.tsv', rows((0, 'पानी को एक मिनट तक उबालें।'), (1, 'केतली पानी उबालती है।')))
write('mmarco/data/helsinki/collections/chinese_collection.tsv', rows((0, '把水煮沸一分钟。')))
write('mmarco/data/google/queries/train/hindi_queries.train.tsv', rows((10, 'पानी कितनी देर उबालें')))
write('mmarco/data/google/queries/dev/hindi_queries.dev.small.tsv', rows((12, 'केतली क्या करती है')))
write('mmarco/data/qrels.dev.small.tsv', rows((12, 0, 1, 1)))
write('mmarco/data/triples.train.ids.small.tsv', rows((10, 0, 1)))
write('mmarco/data/google/runs/run.bm25_hindi-msmarco.txt', rows((12, 1, 1), (12, 0, 2)))

# Large-scale CLIR data set (Sasaki et al.)
write('wikiclir/wiki-clir/english/wiki_en.queries', rows((1, 'Water', 'is a liquid that all life needs .'), (2, 'Honey', 'is food that bees make .'), (3, 'Salt', 'is a mineral .')))
write('wikiclir/wiki-clir/swahili/wiki_sw.documents', rows((101, 'Maji', 'Maji ni kimiminika muhimu .'), (102, 'Asali', 'Asali hutengenezwa na nyuki .')))
write('wikiclir/wiki-clir/swahili/en2sw.rel', rows((1, 101, 2), (1, 102, 1), (2, 102, 2)))
write('wikiclir/wiki-clir/simple_english/wiki_simple.documents', rows((201, 'Salt', 'Salt is white .')))
write('wikiclir/wiki-clir/simple_english/en2simple.rel', rows((3, 201, 2)))

# WikiCLIR of Heidelberg
write('wikiclir-heidelberg/train.queries', rows((5, 'ist eine Flüssigkeit , die alle brauchen .')))
write('wikiclir-heidelberg/train.docs', rows((55, 'water is a liquid')))
write('wikiclir-heidelberg/train.qrels', rows((5, 55, 3)))
write('wikiclir-heidelberg/dev.queries.gz', rows((6, 'ist ein Gewürz .')), packed=True)

# CLIRMatrix
write('clirmatrix/DOCS/yo.tsv.gz', rows((7, 'Omi jẹ́ ohun mímu'), (8, 'Oyin')), packed=True)
write('clirmatrix/BI-139/base/en/en.yo.test1.base.jl.gz', jsonl({'src_id': '70', 'src_query': 'Water', 'tgt_results': [['7', 6], ['8', 0]]}), packed=True)
write('clirmatrix/BI-139/full/en/en.yo.train.jl.gz', jsonl({'src_id': '71', 'src_query': 'Honey', 'tgt_results': [['8', 5]]}), packed=True)
write('clirmatrix/MULTI-8/en/en.ar.dev.jl.gz', jsonl({'src_id': '72', 'src_query': 'Salt', 'tgt_results': [['9', 3]]}), packed=True)

# AfriCLIRMatrix
write('africlirmatrix/africlirmatrix-v1.0-yoruba/corpus.jsonl', jsonl({'id': '62', 'contents': 'Omi jẹ́ ohun mímu tí kò ní àwọ̀.'}))
write('africlirmatrix/test/queries/topics.africlirmatrix-v1.0.en.yor.tsv', rows((1, 'water')))
write('africlirmatrix/test/qrels/qrels.africlirmatrix-v1.0.en.yor.txt', '1 Q0 62 6\n')

# CIRAL
write('ciral/passages-v1.0/swahili_passages.jsonl', jsonl({'docid': 'DOCID#0#0', 'title': 'Habari', 'text': 'Maji safi yamefika kijijini.', 'url': 'https://example.org/0'}, {'docid': 'DOCID#0#1', 'title': '', 'text': 'Watu walishangilia.', 'url': 'https://example.org/0'}))
write('ciral/ciral-swahili/topics/topics.ciral-v1.0-sw-dev.tsv', rows((1, 'When did clean water arrive?')))
write('ciral/ciral-swahili/topics/topics.ciral-v1.0-sw-test-a.tsv', rows((2, 'Who cheered?')))
write('ciral/ciral-swahili/qrels/qrels.ciral-v1.0-sw-dev.tsv', rows((1, 'Q0', 'DOCID#0#0', 1), (1, 'Q0', 'DOCID#0#1', 0)))
write('ciral/ciral-swahili/qrels/qrels.ciral-v1.0-sw-test-a-pools.tsv', rows((2, 'Q0', 'DOCID#0#1', 1)))

# MIRACL
write('miracl/miracl-corpus-v1.0-th/docs-0.jsonl.gz', jsonl({'docid': '1#0', 'title': 'น้ำ', 'text': 'น้ำเป็นของเหลว'}), packed=True)
write('miracl/miracl-corpus-v1.0-th/docs-1.jsonl.gz', jsonl({'docid': '1#1', 'title': 'น้ำ', 'text': 'น้ำเดือดที่ 100 องศา'}, {'docid': '1#0', 'title': 'น้ำ', 'text': 'ซ้ำ'}), packed=True)
write('miracl/miracl-v1.0-th/topics/topics.miracl-v1.0-th-dev.tsv', rows(('5', 'น้ำเดือดกี่องศา')))
write('miracl/miracl-v1.0-th/qrels/qrels.miracl-v1.0-th-dev.tsv', rows(('5', 'Q0', '1#1', 1), ('5', 'Q0', '1#0', 0)))

# HC4 and NeuCLIR
topic = {'topic_id': '1', 'languages_with_qrels': ['fas'], 'topics': [
    {'lang': 'eng', 'source': 'original', 'topic_title': 'Clean water', 'topic_description': 'Articles about clean water.'},
    {'lang': 'fas', 'source': 'human translation', 'topic_title': 'آب پاک', 'topic_description': 'مقالاتی درباره آب پاک'},
    {'lang': 'rus', 'source': '20220114-machine', 'topic_title': 'Вода', 'topic_description': 'О воде.'}],
    'narratives': {'fas': {'very_valuable': 'x'}}, 'report': {'url': 'https://example.org', 'text': 'x', 'date': '2019-01-06'}}
doc = {'id': 'a-1', 'cc_file': 'crawl-0.warc.gz', 'time': '2019-01-06T00:00:00', 'title': 'آب', 'text': 'آب پاک به روستا رسید.', 'url': 'https://example.org'}
write('hc4/fas/hc4_docs.jsonl', jsonl(doc))
write('hc4/dev.topics.v1-0.jsonl', jsonl(topic))
write('hc4/fas/dev.qrels.v1-0.txt', '1 0 a-1 3\n')
write('neuclir/data/rus-00000-of-00001.jsonl.gz', jsonl({**doc, 'id': 'b-1', 'title': 'Вода', 'text': 'Чистая вода.'}), packed=True)
write('neuclir/neuclir-2022-qrels.rus', '100 0 b-1 1\n')

# BEIR
write('beir/scifact/corpus.jsonl', jsonl({'_id': 'd1', 'title': 'Water', 'text': 'Water boils.', 'metadata': {}}, {'_id': 'd2', 'title': '', 'text': '', 'metadata': {}}))
write('beir/scifact/queries.jsonl', jsonl({'_id': 'q1', 'text': 'What boils?', 'metadata': {}}))
write('beir/scifact/qrels/test.tsv', rows(('query-id', 'corpus-id', 'score'), ('q1', 'd1', 1)))
write('beir/cqadupstack/android/corpus.jsonl', jsonl({'_id': '1', 'title': '', 'text': 'Battery', 'metadata': {}}))

# TREC and CLEF
write('trec/docs/la010189.gz', '''<DOC>
<DOCNO> LA010189-0001 </DOCNO>
<DOCID> 1 </DOCID>
<DATE><P>January 1, 1989</P></DATE>
<HEADLINE>
<P>WATER &amp; HONEY</P>
</HEADLINE>
<TEXT>
<P>Boil the water.</P>
</TEXT>
<TEXT>Caf&eacute; &#8212; open.</TEXT>
</DOC>
<DOC>
<DOCNO>LA010189-0002</DOCNO>
<P>A note without a text element: 1 < 2.</P>
</DOC>
''', packed=True)
write('trec/collection.trectext', '<DOC><DOCNO>t-1</DOCNO><TEXT>ماء نظيف</TEXT></DOC><DOC><DOCNO>t-2</DOCNO><TEXT>second\non two lines</TEXT></DOC>\n')
write('trec/topics.301-302.txt', '''<top>

<num> Number: 301
<title> International Organized Crime

<desc> Description:
Identify organizations
that are criminal.

<narr> Narrative:
A relevant document names one.

</top>
<top>
<num> Number: 302
<title> Poliomyelitis
<desc> Description:
Is the disease under control?
</top>
''')
write('trec/topics-clef.xml', '''<top>
<num> C041 </num>
<DE-title> Pestizide in Babynahrung </DE-title>
<DE-desc> Berichte &#252;ber Pestizide. </DE-desc>
</top>
<topic lang="sw"><identifier>10.2452/401-AH</identifier><title>Maji safi</title><description>Tafuta habari za maji.</description></topic>
''')
write('trec/qrels.301-302.txt', '301 0 LA010189-0001 1\n302 0 LA010189-0002 0\n')

# SQuAD, XQuAD, MLQA, LAReQA
def squad(title, paragraphs, version='1.1', ascii=True):
    return json.dumps({'data': [{'title': title, 'paragraphs': paragraphs}], 'version': version}, ensure_ascii=ascii)


def qa(id, question, context, *answers, **more):
    return {'id': id, 'question': question, 'answers': [{'text': a, 'answer_start': context.index(a)} for a in answers], **more}


water = 'Water 💧 boils at 100 degrees. "Steam" rises; {brackets} stay.'
bees = 'Bees make honey. Bears eat it.'
write('squad/dev-v1.1.json', squad('Kitchen_physics', [
    {'context': water, 'qas': [qa('a1', 'When does water boil?', water, '100 degrees', '100 degrees'), qa('a2', 'What rises?', water, 'Steam')]},
    {'context': bees, 'qas': [qa('a3', 'Who makes honey? ', bees, 'Bees')]},
    {'context': water, 'qas': [qa('a4', 'What stays?', water, '{brackets}')]}]))
write('squad/train-v2.0.json.gz', json.dumps({'version': 'v2.0', 'data': [{'title': 'Bees', 'paragraphs': [
    {'context': bees, 'qas': [qa('b1', 'Who eats honey?', bees, 'Bears', is_impossible=False),
     {'id': 'b2', 'question': 'Who sells it?', 'answers': [], 'is_impossible': True, 'plausible_answers': [{'text': 'Bees', 'answer_start': 0}]}]}]}]}, indent=1), packed=True)
hi = 'पानी 100 डिग्री पर उबलता है।'
write('xquad/xquad.en.json', squad('Water', [{'context': bees, 'qas': [qa('x1', 'Who makes honey?', bees, 'Bees')]}]))
write('xquad/xquad.hi.json', squad('Water', [{'context': hi, 'qas': [qa('x1', 'पानी कब उबलता है?', hi, '100 डिग्री')]}]))
write('mlqa/MLQA_V1/dev/dev-context-en-question-hi.json', squad('Bees', [{'context': bees, 'qas': [qa('m1', 'शहद कौन बनाता है?', bees, 'Bees')]}]))
write('mlqa/MLQA_V1/dev/dev-context-en-question-en.json', squad('Bees', [
    {'context': bees, 'qas': [qa('m1', 'Who makes honey?', bees, 'Bees')]}, {'context': bees, 'qas': [qa('m2', 'Who eats it?', bees, 'Bears')]},
    {'context': water, 'qas': [qa('m3', 'What rises?', water, 'Steam')]}]))
write('lareqa/xquad-r/en.json', squad('Bees', [{'context': bees, 'qas': [qa('x1', 'Who makes honey?', bees, 'Bees'), qa('x2', 'Who eats it?', bees, 'Bears')],
    'sentence_breaks': [[0, 16], [17, 30]], 'sentences': ['Bees make honey.', 'Bears eat it.']}]))
th = '💧 น้ำเดือดที่ 100 องศา ไอน้ำลอยขึ้น'
cut = th.index(' ไอ')
write('lareqa/xquad-r/th.json', squad('Bees', [{'context': th, 'qas': [qa('x1', 'อะไรลอยขึ้น', th, 'ไอน้ำ')],
    'sentence_breaks': [[0, cut], [cut + 1, len(th)]], 'sentences': [th[:cut], th[cut + 1:]]}]))
write('lareqa/mlqa-dev-r/en.json', squad('Bees', [{'context': bees, 'qas': [qa('m1', 'Who makes honey?', bees, 'Bees')], 'sentence_breaks': [[0, 16], [17, 30]], 'sentences': []}]))

# AfriQA
write('afriqa/gold_passages/swa/gold_span_passages.afriqa.swa.en.test.json', jsonl(
    {'answer_pivot': {'answer_start': [0], 'text': ['Bees']}, 'context': bees, 'id': '0', 'question_lang': 'Nani hutengeneza asali?', 'question_translated': 'Who makes honey?', 'title': 'Honey', 'answer_lang': 'Nyuki'},
    {'answer_pivot': {'answer_start': [-1], 'text': ['yes']}, 'context': bees, 'id': 1, 'question_lang': 'Je, dubu hula asali?', 'question_translated': 'Do bears eat honey?', 'title': 'Honey', 'answer_lang': 'Ndiyo'},
    {'answer_pivot': {'answer_start': [-1], 'text': ['1990']}, 'context': None, 'id': '2', 'question_lang': 'Lini?', 'question_translated': 'When?', 'title': None, 'answer_lang': '1990'}, ascii=True))
write('afriqa/gold_passages/wol/gold_span_passages.afriqa.wol.fr.dev.json', jsonl(
    {'answer_pivot': {'answer_start': [0], 'text': ["L'eau"]}, 'context': "L'eau bout.", 'id': '0', 'question_lang': 'Lan mooy bax?', 'question_translated': "Qu'est-ce qui bout ?", 'title': 'Eau', 'answer_lang': 'Ndox'}))

# Belebele
def choice(link, number, passage, question, answers, correct, dialect):
    return {'link': link, 'question_number': number, 'flores_passage': passage, 'question': question, **{f'mc_answer{i + 1}': a for i, a in enumerate(answers)}, 'correct_answer_num': correct, 'dialect': dialect, 'ds': '2023-05-03'}


link = 'https://en.wikibooks.org/wiki/Water'
for dialect, passage, second, question in [
    ('eng_Latn', 'Water boils at 100 degrees.', 'Ice is cold.', 'When does water boil?'),
    ('swh_Latn', 'Maji huchemka kwa nyuzi 100.', 'Barafu ni baridi.', 'Maji huchemka lini?')]:
    write(f'belebele/{dialect}.jsonl', jsonl(
        choice(link, 1, passage, question, ['0', '50', '100', '200'], '3', dialect),
        choice(link, 2, passage, question + '!', ['a', 'b', 'c', 'd'], 1, dialect),
        choice(link, 1, second, question + '?', ['a', 'b', 'c', 'd'], '2', dialect)))

# Dictionaries
write('muse/en-tl.txt', 'water tubig\nwater\ttubig-tabang\nhoney pulot\n')
write('muse/tl-en.5000-6500.txt', 'tubig water\n')
write('muse/de-fr.txt', 'Wasser eau\n')
write('dictionary/en-yo.tsv', rows(('water', 'omi', 'wikt'), ('good morning', 'ẹ káàárọ̀', ''), ('empty', '', '')))


def stardict(name, entries, types='m', synonyms=(), wide=False, packed=True):
    index = articles = b''
    for word, text in entries:
        data = text if isinstance(text, bytes) else text.encode()
        index += word.encode() + b'\0' + struct.pack('>QI' if wide else '>II', len(articles), len(data))
        articles += data
    settings = {'version': '3.0.0' if wide else '2.4.2', 'bookname': name, 'wordcount': len(entries), 'idxfilesize': len(index)}
    if types: settings['sametypesequence'] = types
    if wide: settings['idxoffsetbits'] = 64
    if synonyms: settings['synwordcount'] = len(synonyms)
    write(f'stardict/{name}/{name}.ifo', "StarDict's dict ifo file\n" + ''.join(f'{k}={v}\n' for k, v in settings.items()))
    write(f'stardict/{name}/{name}.idx' + ('.gz' if packed else ''), index, packed)
    write(f'stardict/{name}/{name}.dict' + ('.dz' if packed else ''), articles, packed)
    if synonyms:
        write(f'stardict/{name}/{name}.syn', b''.join(w.encode() + b'\0' + struct.pack('>I', n) for w, n in synonyms))


stardict('plain', [('honey', '1. asali (ya nyuki)\n2. mpenzi'), ('sentence', 'a long explanation of what a sentence is'), ('water', 'maji; maji safi, chai')], synonyms=[('waters', 2)])
stardict('html', [('maji', '<b>water</b><br>[n] liquid &amp; drink'), ('نور', '<i>light</i>')], types='h', wide=True, packed=False)
stardict('mixed', [('omi', b'mwater\0tomi\0W' + struct.pack('>I', 3) + b'\1\2\3' + b'mdrink\0')], types='', packed=False)

# PanLex
write('panlex-dump/langvar.csv', 'id,lang_code,var_code,mutable,name_expr\n187,eng,0,t,1\n690,swh,0,t,2\n7,spa,0,t,3\n')
write('panlex-dump/expr.csv', 'id,langvar,txt,txt_degr\n1,187,water,water\n2,690,maji,maji\n3,7,agua,agua\n4,187,"water, ""fresh""",water\n5,690,maji safi,majisafi\n6,187,honey,honey\n')
write('panlex-dump/denotation.csv', 'id,meaning,expr\n10,100,1\n11,100,2\n12,100,3\n13,101,4\n14,101,5\n15,102,6\n16,103,1\n17,103,2\n')
write('panlex-tables/eng.tsv', 'id\tlangvar\ttxt\ttxt_degr\tmeaning\tlangvar_uid\n1\t187\twater\twater\t100\teng-000\n4\t187\thoney\thoney\t102\teng-000\n')
write('panlex-tables/swh.tsv', 'id\tlangvar\ttxt\ttxt_degr\tmeaning\tlangvar_uid\n2\t690\tmaji\tmaji\t100\tswh-000\n')
