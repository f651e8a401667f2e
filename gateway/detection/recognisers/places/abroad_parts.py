"""The parts of an address of Europe or Latin America, as pieces of patterns in linear time.

Owns the words for streets in some twenty languages, the forms of postal codes (Universal Postal
Union, postal addressing systems of its members), countries, and the base letters the patterns are
written in. Refuses to match: that is for ``abroad`` and ``en_labelled``.
"""

import unicodedata
from typing import Final

from gateway.detection.recognisers.places.en_parts import one_of
from gateway.detection.text.view import View

_UNKNOWN: Final = ord("?")
_OTHERS = dict(zip("ßøØæÆœŒđĐłŁðÐþÞıŋ", "soOaAoOdDlLdDtTin", strict=True))
_LETTERS = (*range(0x80, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00))


class _BaseLetters(dict[int, int]):
    """One ASCII character for each: a letter's base, ``?`` for what is none of an alphabet."""

    def __missing__(self, key: int) -> int:
        return _UNKNOWN


def _base_of(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0]
    base = _OTHERS.get(character, base)
    if not base.isascii():
        base = ("A" if base.isupper() else "a") if base.isalpha() else "?"
    return base


_BASE = _BaseLetters({code: code for code in range(0x80)})
_BASE.update({code: ord(_base_of(chr(code))) for code in _LETTERS})


def in_base_letters(view: View) -> bytes:
    """Return the text with ``o`` for ``ö`` and ``s`` for ``ß``: one byte a character."""
    if view.text.isascii():
        return view.ascii
    return view.text.translate(_BASE).encode("ascii")


SURE_BEFORE = (
    "rue calle avenida avda viale piazza piazzale vicolo rua travessa praca ul ulica aleja aleje "
    "osiedle plac chemin impasse rruga jalan jl strada bulevardul soseaua corso boulevard paseo "
    "lungomare contrada callejon glorieta carretera rodovia largo allee calea aleea rambla pasaje "
    "c/"
)
"""Before the name of a street: these are it, whatever stands around."""
OTHER_BEFORE = (
    "via av ave avenue place quai route cours passage plaza ronda camino carrera cuesta alameda "
    "beco estrada al os pl nam trida ulice namesti str bd bld blvd borgo rotonda stretto canale "
    "incrocio canada acceso vial urbanizacion urb privada cerrada prolongacion ampliacion andador "
    "calzada circuito boulevar eje peatonal diagonal retorno viaducto periferico corredor "
    "circunvalacion continuacion viela quinta bulevar campo parque residencial vila colonia "
    "conjunto fazenda jardim loteamento nucleo setor sitio trecho trevo vale vereda aeroporto area "
    "distrito esplanada estacao favela feira ladeira lago lagoa morro patio recanto via intrarea"
)
"""These are words of English or too short: more must speak for an address."""
SURE_ENDS = (
    "strasse strase gasse platz allee gatan vagen vej gade veien straat laan gracht singel plein "
    "utca utcaja katu kuja polku stigen chaussee steeg damm ufer dreef puiestee maantee tanav "
    "sokak sokagi caddesi bulvari setany korut"
)
"""At the end of a street's name, as a part of its last word or a word by itself."""
OTHER_ENDS = (
    "str weg ring alle gate gata vei veg vejen tie kade hof pad wal torv torg torget plads ut utja "
    "ter tere koz sor park tee mnt pst tn ulica ulice cesta trg put namesti nabrezie nabrezi trida "
    "sad dvor namestie iela gatve prospekt bulvar bulevar bakken svingen lia stien backen grand "
    "boulevard allen spor sparet ringen steig stieg berg markt promenade rain tanum kaari tori "
    "rinne ranta penger raitti ptk puistikko cad sk cd naselje odvojak setaliste liget fasor "
    "rakpart lejto udvar dulo bastya major aukio lopes"
)
_COUNTRIES = (
    "Germany Deutschland France Italy Italia Spain Espana Netherlands The.Netherlands Nederland "
    "Denmark Danmark Sweden Sverige Norway Norge Finland Suomi Poland Polska Czech.Republic "
    "Czechia Portugal Hungary Magyarorszag Austria Osterreich Switzerland Schweiz Suisse Belgium "
    "Belgique Romania Croatia Hrvatska Slovakia Slovenia Slovenija Estonia Latvia Lithuania Greece "
    "Turkey Turkiye Brazil Brasil Mexico Argentina Chile Colombia Peru Iceland Luxembourg Malta "
    "Cyprus Bulgaria Serbia Albania Ukraine Russia Israel Egypt Morocco South.Africa Kenya Nigeria "
    "Ghana Japan Korea South.Korea Singapore Malaysia Thailand Vietnam Philippines Indonesia India "
    "China Hong.Kong Taiwan Australia New.Zealand Canada Ireland USA U.S.A. United.States UK "
    "United.Kingdom England Scotland Wales Greenland Tunisia Uruguay Paraguay Ecuador Venezuela"
)
COUNTRY = (
    one_of(f"{_COUNTRIES} {_COUNTRIES.upper()}").replace("U.S.A.", r"U\.S\.A").replace(".", " ")
)
_PARTICLES = one_of(
    "de la le les du des del dei della delle degli dello di da do dos das e y i van den der dem "
    "het ter ten von zu zum zur am im bei ob nad pod u v na sur sous lez en et al au aux aan op "
    "bij och og pa los las el upon sv an.der an.den in.der auf.der"
).replace(".", " ")

GAP = r" ?(?:,[ \t]{0,3}\r?\n?|\r?\n|[ \t]-|[ \t])[ \t]{0,3}"
_LONG = r"(?:[dlDL]')?[A-Z][A-Za-z']*"
WORD = rf"{_LONG}(?:-[A-Za-z']+){{0,4}}\.?"
NAME = rf"{WORD}(?: (?:{_PARTICLES} ){{0,2}}{WORD}){{0,4}}"
_TOWN_WORD = rf"(?:St\.|Sv\.|{_LONG}(?:-[A-Za-z']+){{0,4}})"
TOWN = (
    rf"(?:(?:d[aeo]s?|l[aeo]s?|el) )?{_TOWN_WORD}(?: (?:{_PARTICLES} ){{0,2}}{_TOWN_WORD}){{0,3}}"
    r"(?: [0-9]{1,2}\b)?"
)
CODE = (
    r"(?:[A-Z]{1,3}-)?(?:[0-9]{4} ?[A-Z]{2}\b|[0-9]{3} [0-9]{2}\b|[0-9]{2}-[0-9]{3}\b"
    r"|[0-9]{4}-[0-9]{3}\b|[0-9]{5}-?[0-9]{3}\b|[0-9]{5}-[0-9]{4}\b|[0-9]{4,6}\b)"
)
_LABEL = r"(?:(?:[Nn](?:[ro]|um)?\.?\??|#|[Nn]umero) ?:? ?)?"
NUMBER = (
    rf"{_LABEL}[0-9]{{1,5}}(?: ?[A-Za-z]\b(?: [0-9]{{1,3}}\b)?)?"
    r"(?: ?[-/] ?[0-9]{1,5}[A-Za-z]?\b)?\.?"
)
_INNER = one_of(
    "Piano Apt Apto Suite Piso piso Puerta Pta Esc Bloco Casa lok lgh as Top Stiege bus bte "
    "Appartement Apartamento Unit Flat Int Interior Depto Edif Etage Stock Whg m Ap Et Sc Bl ap et "
    "sc bl Hab Local Bajo Planta Floor Daire Kat D K"
)
DETAIL = (
    rf"(?: ?,? ?(?:\b[0-9]{{1,2}}[oa?] (?:[A-Z][a-z]{{0,4}}\b\.?)"
    rf"|\b[0-9]{{1,3}}\.?[oa?]? ?(?:th|tv|mf|izq|izda|dcha|piso|sal|etage|et|esq|dto)\b\.?"
    rf"(?: [0-9A-Z]{{1,3}}\b)?|\b{_INNER}\.?:? ?[0-9A-Z]{{1,5}}\b|\b[A-Z] [0-9]{{1,4}}\b"
    r"|\bbis\b|\bter\b)){1,3}"
)
REGION = r"(?: ?\([A-Z]{2}\)|,? [A-Z]{2}\b| ?[/-] ?[A-Z]{2}\b)?"
