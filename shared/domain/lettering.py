"""Which characters a picture can show: those of the fonts that come with the service.

A picture that is sent as pixels can borrow no font from whoever looks at it, as SVG can.
"""

# Plain, accented and Vietnamese Latin, without what nobody sees.
LATIN = (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x180), *range(0x1E00, 0x1F00))
# Signs of our own texts: a thin space, dashes and the 2 of CO₂.
SIGNS = "\u2009–—₂"
# Of people's names, and not in GB 2312.
NAMES = (
    "㛃喆嘚垚堃塱姵婳媖媞嫄嬅孖宬峣峯崋崟嶶弢彧忞惇愔扆旸旻昇昉昪昳昺晙晛晞晢暐曈曌朤杬杺枟栐"
    "梽棽楒楙槑橦櫆汧沄沚沨泂洑洣洺浛淏淯渟渼湉湑湜湲溋溦滈漷澂澔澴濛濬炆烜焌煐燊燏燚燨爔犇玊"
    "玏玘玚玠玥玹珝珣珦珮珵珺琀琁琇琍琎琲瑀瑄瑢瑧瑨瑮瑱瑺璈璘璟璠瓅瓘甡畯皛睎矞碶礽祎禔禛秾竑"
    "筊綝翀翃翙翚翯芃茀莀莯菂菓萩蒖蒨藟虓衎袆袗裬褀訚訸詝詠誠諾谞豐贇赑赟赪遹釗釺鈜鈺鉦銘銳鋆"
    "鋐錡鍇鏵锜镕镠閏閒陞霂靑韡頔頠顗飏飔飖駪驊骉骎骕骙髙魴鱻鸑鹀齊龑龘龢"
)
_GB_2312_BYTES = 2
_GREATEST = 0xFFFF


def is_drawable(character: str) -> bool:
    """Tell whether the fonts have it: Latin letters, GB 2312, and what else names need."""
    if ord(character) in LATIN or character in SIGNS or character in NAMES:
        return True
    try:
        return len(character.encode("gb2312")) == _GB_2312_BYTES
    except UnicodeEncodeError:
        return False


def drawable_characters() -> str:
    """Return all of them, in order."""
    return "".join(each for each in map(chr, range(_GREATEST)) if is_drawable(each))
