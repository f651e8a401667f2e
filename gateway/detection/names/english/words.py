"""Words that say what stands beside them: titles, roles, kin, forms of companies.

Owns the lists, each a class of its own in the model. Refuses weights: training finds them.
"""

SPECIAL: dict[str, str] = {
    word: kind
    for kind, words in {
        "title": "mr mrs ms miss mx dr prof professor sir madam lady lord rev reverend capt "
        "captain col colonel gen lt sgt hon judge justice sen senator rep gov governor "
        "president pres minister chancellor mayor officer detective coach pastor father sister "
        "brother fr sr sra "
        "senor senora herr frau mme mlle monsieur dame prince princess queen king sheikh shri smt "
        "attorney atty esquire uncle aunt auntie grandma grandpa",
        "suffix": "jr ii iii iv phd md esq dds dvm mba cpa",
        "role": "borrower borrowers coborrower guarantor guarantors applicant applicants "
        "coapplicant cosigner signer debtor obligor mortgagor lessee tenant customer client holder "
        "cardholder accountholder payee payer payor beneficiary insured claimant spouse contact "
        "reference referee employee employer supervisor manager agent collector officer lender "
        "creditor plaintiff defendant petitioner witness owner landlord name names surname "
        "patient member user attn attention nominee trustee executor proprietor signatory",
        "kin": "wife husband mother mom mum dad son daughter cousin nephew niece friend colleague "
        "neighbour neighbor partner girlfriend boyfriend fiance fiancee roommate boss ex",
        "job": "ceo cfo coo cto chairman chairwoman director mp mps mep congressman congresswoman "
        "councillor cllr alderman commissioner sheriff inspector constable midfielder striker "
        "goalkeeper keeper defender quarterback pitcher forward actor actress singer rapper dj "
        "poet author novelist writer editor journalist reporter photographer analyst economist "
        "spokesman spokeswoman spokesperson lawyer bishop archbishop cardinal pope duke duchess "
        "premier secretary ambassador designer blogger comedian composer chef host presenter "
        "scientist astronaut teacher founder co-founder quarterback skipper captain goalie rookie "
        "rep vp realtor nurse dentist plumber artist painter philosopher historian legend star",
        "act": "slams warns urges defends wins won scores scored plays played signs signed joins "
        "joined leads led beats dies died resigns resigned quits speaks meets met visits visited "
        "appears loves loved hates hated knows knew looks gets got goes went wants wanted needs "
        "makes made takes took gave gives left leaves came comes lives lived works worked paid "
        "pays owes promised promises refused refuses agreed denied denies claims claimed believes "
        "sings sang wrote starring directed born aged jailed arrested charged hits misses sent",
        "say": "said says say sez told asked tells called calls emailed texted wrote writes "
        "added replied explained stated confirmed advised mentioned thinks agreed",
        "greet": "dear hi hello hey regards sincerely thanks thank cheers best love yours bye "
        "morning evening afternoon sir",
        "contactverb": "spoke speak speaking met meet with w from by to cc re reached reach call "
        "ask per via between and or for signed prepared reviewed approved",
        "am": "i'm im am is named called my",
        "particle": "de la le du van von der den del di da das dos el al bin ibn abu abdul abd mac "
        "mc st y e ben ter ten bint dela santa san",
        "org": "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag sa bv "
        "nv pty bank university college school institute hospital department ministry agency "
        "committee council association foundation group holdings partners club party church team "
        "union trust fund bureau office court studios airlines systems technologies services "
        "solutions motors insurance capital financial league",
        "place": "street st road rd avenue ave lane ln drive dr boulevard blvd court square city "
        "county state river lake mount mountain island beach park bridge airport station north "
        "south east west hall hotel house tower valley bay hills heights town village province "
        "district",
        "time": "monday tuesday wednesday thursday friday saturday sunday january february march "
        "april june july august september october november december jan feb mar apr jun jul aug "
        "sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun today tomorrow yesterday",
    }.items()
    for word in words.split()
}
"""Word in lower case to its class; where a word is in two lists, the later one holds."""

SPECIAL.update({"dr": "title", "st": "particle", "may": "may", "sr": "suffix", "sir": "title"})
