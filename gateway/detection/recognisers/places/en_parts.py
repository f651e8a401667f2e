"""The parts of an address in English, as pieces of patterns in linear time.

Owns the words for streets (USPS Publication 28, appendix C, and those of Royal Mail, Canada Post,
Australia Post and India Post), units, states and the forms of postal codes. Refuses to match: the
patterns made of these pieces are those of ``en_address``.
"""


def one_of(words: str) -> str:
    """Return a group of alternatives, the longer ones first."""
    return f"(?:{'|'.join(sorted(words.split(), key=len, reverse=True))})"


SURE_STREETS = (
    "Street St Avenue Ave Av Road Rd Boulevard Blvd Lane Ln Drive Dr Parkway Pkwy Highway Hwy "
    "Crescent Cres Terrace Turnpike Tpke Expressway Expy Mews Laneway Marg Chowk Freeway Fwy"
)
"""Behind a number and a name these are streets."""
OTHER_STREETS = (
    "Court Ct Place Pl Square Sq Way Circle Cir Trail Trl Row Walk Close Grove Gardens Loop Alley "
    "Aly Path Pike Plaza Plz Quay Rise Hill Green Park Parade Esplanade Wharf Arcade Glen Heights "
    "Zila Alleyway Cross Nagar Colony Vihar Enclave Layout Sector Ganj Broadway Bypass Causeway "
    "Crossing Gate Manor Line Cove Crest Cutting Anchorage Centre Center Corner Copse Bend "
    "Beach Bay Pass Track Reach "
    "Point Pt Ridge Run View Vista Yard Villas Cottages Buildings Fields Meadows Mount Orchard"
)
"""These are also plain words: more must speak for an address."""
STREET = one_of(f"{SURE_STREETS} {OTHER_STREETS}")
SURE_STREET = one_of(SURE_STREETS)
OTHER_STREET = one_of(OTHER_STREETS)

_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP FM MH PW"
)
_STATE_NAMES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia "
    "Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts "
    "Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada New.Hampshire New.Jersey "
    "New.Mexico New.York North.Carolina North.Dakota Ohio Oklahoma Oregon Pennsylvania "
    "Rhode.Island South.Carolina South.Dakota Tennessee Texas Utah Vermont Virginia Washington "
    "West.Virginia Wisconsin Wyoming"
)
US_STATE = one_of(f"{_STATES} {_STATE_NAMES}").replace(".", " ")
STATE_NAME = one_of(_STATE_NAMES).replace(".", " ")
CITY = one_of(
    "London Manchester Birmingham Leeds Liverpool Glasgow Edinburgh Bristol Cardiff Belfast Dublin "
    "Sydney Melbourne Toronto Vancouver Chicago Boston Houston Seattle Philadelphia Brooklyn"
)
"""So large that people leave out the rest."""
ZIP = "[0-9]{4,5}(?:-[0-9]{4})?"
"""Four digits, where a table has lost the zero of New England."""
CA_PROVINCE = one_of("AB BC MB NB NL NS NT NU ON PE QC SK YT Ontario Quebec Alberta Manitoba")
CA_CODE = "[A-CEGHJ-NPR-TVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9]"
AU_STATE = one_of("NSW VIC QLD SA WA TAS NT ACT Victoria Queensland Tasmania").replace(".", " ")
_UK_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E "
    "EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL "
    "LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM "
    "SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
UK_CODE = one_of(_UK_AREAS) + "[0-9][0-9A-Z]? ?[0-9][ABD-HJLNP-UW-Z]{2}"
EIRCODE = "(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?[0-9AC-FHKNPRTV-Y]{4}"
PIN = "[0-9]{3} ?[0-9]{3}"

US_TAIL = rf"{US_STATE}\.?,? {{1,2}}{ZIP}"
TAIL = (
    rf"(?:{US_TAIL}|{CA_PROVINCE},? {{1,2}}{CA_CODE}|{AU_STATE},? {{1,2}}[0-9]{{4}})"
    r"(?:[ ,\n]{1,3}(?:USA|U\.S\.A\.|United States|Canada|Australia))?"
)

GAP = r"(?:,[ \t]{0,3}(?:\r?\n)?|\r?\n|[ \t]{1,3}(?:- ?)?|;[ \t]{0,2})[ \t]{0,3}"
"""Between two parts: a comma, a line's end, a space."""
WORD = r"(?:[A-Z][A-Za-z?'.&-]{0,24}|[0-9]{1,3}(?:st|nd|rd|th|TH|ST|ND|RD))"
"""Of a name: with a capital, or an ordinal number; ``?`` is a letter beyond ASCII."""
NUMBER = (
    r"(?:(?:No|NO|H\. ?No|H\.?No|Plot No|Door No|House No)[.:]? ?|# ?"
    r"|(?:Unit|Flat|Apt|Shop|Lot|Mile|Blk|[NSEW]) )?"
    r"(?:[0-9]{1,2}[NSEW][0-9]{2,5}|[NSEW][0-9]{2,5}(?:[NSEW][0-9]{2,5})?|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten"
    r"|[0-9]{1,6}[A-Za-z]?(?: ?[-/] ?[0-9]{1,5}[A-Za-z]?)?(?: 1/2)?)"
)
_UNIT_WORDS = one_of(
    "Apt Apartment Suite Ste Unit Flat Room Rm Floor Fl Bldg Building Lot Level Studio PMB Shop "
    "House Block Tower Villa Plot Box Dept Wing Penthouse"
)
UNIT = (
    rf"(?:(?:{_UNIT_WORDS}|{_UNIT_WORDS.upper()})\.?(?: No\.?)? ?#?"
    r"(?:[0-9]{1,5}[A-Za-z]?|[A-Z][0-9]{0,4})(?:[-/][0-9A-Z]{1,4})?"
    r"|#[ ]?[0-9]{1,5}[A-Z]?|[0-9]{1,3}(?:st|nd|rd|th) [Ff]loor(?: (?:rear|front))?"
    r"|(?:Ground|First|Second|Top) Floor)"
)
