"""English verbs: which word is a finite form, of which verb, and that verb's other forms."""

from __future__ import annotations

from msgspec import Struct

from atkc.stdlib.extractive.wordlist import wordset

# base, past, participle (where it differs from the past)
_IRREGULAR = """
arise arose arisen; awake awoke awoken; bear bore borne; beat beat beaten; become became become;
begin began begun; bend bent; bind bound; bite bit bitten; bleed bled; blow blew blown; break
broke broken; breed bred; bring brought; build built; burst burst; buy bought; cast cast; catch
caught; choose chose chosen; cling clung; come came come; cost cost; creep crept; cut cut; deal
dealt; dig dug; do did done; draw drew drawn; drink drank drunk; drive drove driven; eat ate
eaten; fall fell fallen; feed fed; feel felt; fight fought; find found; flee fled; fling flung;
fly flew flown; forbid forbade forbidden; forget forgot forgotten; forgive forgave forgiven;
freeze froze frozen; get got; give gave given; go went gone; grind ground; grow grew grown; hang
hung; hear heard; hide hid hidden; hit hit; hold held; hurt hurt; keep kept; know knew known;
lay laid; lead led; leave left; lend lent; let let; lie lay lain; light lit; lose lost; make
made; mean meant; meet met; overcome overcame overcome; overtake overtook overtaken; pay paid;
put put; quit quit; read read; rebuild rebuilt; ride rode ridden; ring rang rung; rise rose
risen; run ran run; say said; see saw seen; seek sought; sell sold; send sent; set set; sew
sewed sewn; shake shook shaken; shed shed; shine shone; shoot shot; show showed shown; shrink
shrank shrunk; shut shut; sing sang sung; sink sank sunk; sit sat; sleep slept; slide slid; sow
sowed sown; speak spoke spoken; spend spent; spin spun; split split; spread spread; spring
sprang sprung; stand stood; steal stole stolen; stick stuck; sting stung; strike struck; swear
swore sworn; sweep swept; swell swelled swollen; swim swam swum; swing swung; take took taken;
teach taught; tear tore torn; tell told; think thought; throw threw thrown; undergo underwent
undergone; understand understood; undertake undertook undertaken; wake woke woken; wear wore
worn; weave wove woven; win won; wind wound; withdraw withdrew withdrawn; withstand withstood;
write wrote written; rewrite rewrote rewritten
"""


_REGULAR = """
    abandon abolish absorb accelerate accept accompany account accumulate achieve acquire act
    activate adapt add address adhere adjust administer admit adopt advance affect agree aid aim
    allow alter alternate amend amplify anchor announce answer appear apply appoint approach
    approve argue arrange arrest arrive ask assemble assert assess assign assist assume attach
    attack attempt attend attract balance ban base behave belong block bloom boil border borrow
    bounce brake breathe broadcast burn bury calculate call cancel capture care carry cause cease
    celebrate challenge change charge check chew circulate cite claim clarify classify clean clear
    climb close cluster coat collapse collect collide combine command commission compare
    compensate compete compile complain complete compose compress comprise compute conceal concern
    conclude condense conduct confirm connect conquer consider consist constitute constrain
    construct consult consume contain continue contract contribute control convert convey cool
    cooperate coordinate copy correct correlate correspond count cover crack crash crawl create
    cross crush cultivate cure damage date decay decide declare decline decompose decorate
    decrease deepen default defeat defend define degrade delay delegate deliver demand demolish
    demonstrate deny depart depend deplete deploy deposit derive descend describe deserve design
    destroy detach detect deteriorate determine develop devise devote die differ differentiate
    digest digitize dilute diminish disappear discharge discover discuss dismiss disperse display
    dissolve distinguish distribute divert divide dominate donate double drain drift drill drop
    dry dump earn echo edit elect elevate eliminate emerge emit emphasize employ empty emulate
    enable encircle enclose encode encounter encourage end endure enforce engage engrave enhance
    enjoy enlarge enrich ensue ensure enter erect erode erupt escape escort establish estimate
    evaluate evaporate evolve examine exceed exchange excite exclaim exclude excrete execute exert
    exhaust exhibit exist expand expect expel experience explain explode explore export expose
    express extend extract face facilitate fade fail farm favor favour fear feature ferment
    fertilize fill filter finance finish fit fix flatten float flood flow flower focus fold follow
    force forge form formulate found freelance fuel function fuse gain gather generate germinate
    govern graduate grant grip grow guarantee guard guide halt handle hang happen harden harm
    harvest hatch head heat help hibernate hire host hover hunt hurry identify ignite illuminate
    illustrate imply import improve include incorporate increase indicate induce infect inflate
    influence inform inhabit inherit inhibit initiate inject insert inspect inspire install
    insulate integrate intend interact interpret interrupt introduce invade invent invert invest
    investigate invite involve irrigate isolate issue itch join judge jump justify kill kneel
    knock lack lag land last launch leak lean learn lick lift limit line link list live load
    locate lock log look lower maintain manage manufacture mark marry match mate mature measure
    melt mention merge migrate mine mix modify monitor mount move multiply mutate name need
    neglect negotiate nest note notice number nurse obey obtain occupy occur offer open operate
    oppose orbit order organise organize orient originate oscillate overlap oversee own oxidise
    oxidize pack paint participate pass patent patrol penetrate perch perform permit persist
    persuade photograph pick pile pivot place plan plant play plunge point poison polarize polish
    pollinate populate possess postpone pour power practice practise praise precede predate
    predict prefer prepare present preserve press pretend prevent print proceed process proclaim
    produce prohibit project promise promote propagate propose protect protrude prove provide
    publish pull pulse pump punish purchase purify pursue push qualify question quote race raise
    range rank reach react realise realize rebel recede receive recognise recognize recommend
    reconstruct record recover recruit recur recycle redesign reduce refer refine reflect reform
    refuse regain regard regenerate register regulate reign reinforce reject relate release rely
    remain remember remove render renew repair repeat replace replicate report represent reproduce
    request require rescue resemble resign resist resolve respond rest restore restrict result
    retain retire retreat return reveal reverse revise revolve reward rinse roast rotate ruin rule
    rust sail sample satisfy save scan scatter schedule scrape seal search secrete secure select
    separate serve settle shape share shelter shift ship shorten shrivel sign signal simplify sink
    slow smell smelt smoke sneak soften solve sort span specify spill spray sprout squeeze
    stabilise stabilize stain stall start starve state stay steal steer stem sterilize stiffen
    stimulate stir stitch stop store straighten strengthen stretch strip structure study submit
    subside succeed suffer suggest suit supervise supply support suppress surround survey survive
    suspect suspend sustain swallow switch symbolize synthesize tend terminate test thank thicken
    threaten tie tighten tolerate touch tow trace track trade train transfer transform translate
    transmit transport trap travel treat trigger triple tunnel turn twist unite unload unlock
    update use utilize vanish vary ventilate verify vibrate visit vote wait walk wander warm warn
    wash watch weaken weigh welcome whisper widen wither witness wonder work worry wrap yield zoom
    """


# Regular verbs that double their last consonant.
_DOUBLING = wordset("""
    admit ban commit compel control drop equip excel expel fit occur permit plan prefer refer
    regret rebel ship stem step stop submit transfer transmit transmit trap wrap begin
    """)


BE = frozenset({"is", "are", "was", "were"})


AUXILIARIES = BE | wordset(
    """has have had can could will would may might must should shall does do did"""
)


class Form(Struct, frozen=True):
    """A finite form: `tense` is `past`, `third` (he drives) or `base` (they drive)."""

    base: str
    tense: str


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING else "") + "ed"


def third(base: str) -> str:
    """Return the form that goes with `it`."""
    if base in ("have", "do", "go"):
        return {"have": "has", "do": "does", "go": "goes"}[base]
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _irregular() -> dict[str, tuple[str, str]]:
    rows = (row.split() for row in _IRREGULAR.split(";"))
    return {row[0]: (row[1], row[-1]) for row in rows}


IRREGULAR = _irregular()


BASES = frozenset(_REGULAR.split()) | frozenset(IRREGULAR)


def _forms() -> tuple[dict[str, Form], dict[str, str]]:
    forms: dict[str, Form] = {}
    participles: dict[str, str] = {}
    for base in sorted(BASES):
        past, participle = IRREGULAR.get(base, (_regular_past(base),) * 2)
        forms.setdefault(base, Form(base, "base"))
        forms[third(base)] = Form(base, "third")
        if past not in BASES or past == base:
            forms[past] = Form(base, "past")
        participles[participle] = base
    # Words that are two verbs: the commoner one in factual prose.
    forms["found"], forms["lay"] = Form("find", "past"), Form("lie", "past")
    forms["founded"] = Form("found", "past")
    participles.update(found="find", founded="found", wound="wind", laid="lay")
    return forms, participles


_FORMS, PARTICIPLES = _forms()


_NOT_VERBS = wordset("hundred indeed need speed seed breed weed feed deed red bed shed")


def _unknown_past(word: str) -> Form | None:
    """Return the likely verb of an unknown word in -ed."""
    if len(word) < 5 or not word.endswith("ed") or word in _NOT_VERBS or word.endswith("eed"):
        return None
    stem = word[:-2]
    if stem.endswith("i"):
        return Form(stem[:-1] + "y", "past")
    if stem[-1] == stem[-2] and stem[-1] not in "lsfz":
        return Form(stem[:-1], "past")
    vowel_before = len(stem) > 2 and stem[-2] in "aeiou" and stem[-3] not in "aeiou"
    long_ending = stem.endswith(("at", "ut", "iz", "is", "ir", "ur", "in", "id", "ud", "as", "os"))
    if stem[-1] in "cvuz" or stem.endswith("g") or (vowel_before and long_ending):
        return Form(stem + "e", "past")
    if stem[-1] == "l" and stem[-2] not in "aeioul":
        return Form(stem + "e", "past")
    return Form(stem, "past")


def finite(word: str) -> Form | None:
    """Return the finite form that a lower-case word can be, or None."""
    return _FORMS.get(word) or _unknown_past(word)


def participle_base(word: str) -> str | None:
    """Return the verb of a past participle: `written` gives `write`."""
    if word in PARTICIPLES:
        return PARTICIPLES[word]
    form = _unknown_past(word)
    return form.base if form and word not in _FORMS else None


def past(base: str) -> str:
    """Return the simple past of a verb."""
    return IRREGULAR[base][0] if base in IRREGULAR else _regular_past(base)
