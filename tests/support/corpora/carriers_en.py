"""English text of lending with personal data in it: templates, development and test kept apart."""

FORMATTED = (
    "Customer called, {en!}, wants to change the due date.",
    "{en!}; {en!}; verified.",
    "Borrower's {US_SSN!} and {CREDIT_CARD!} are on file.",
    "Please write to {EMAIL_ADDRESS} or {PHONE_NUMBER!}.",
    "Wire to {IBAN_CODE!}, {SWIFT_CODE!}, reference {n4}.",
    "Pay by {ABA_ROUTING_NUMBER!} {US_BANK_NUMBER!}",
    "{time} login from {IP_ADDRESS}, device {MAC_ADDRESS}",
    "Left voicemail {date}; {PHONE_NUMBER!}, no answer.",
    "Employer {US_EIN!}, {US_DRIVER_LICENSE!}",
    "Dear customer, your card {CREDIT_CARD} was declined.",
    "{LOAN_NUMBER!} / {ACCOUNT_ID!} / balance {amount}",
    "UK resident, {UK_NINO!}, {UK_NHS!}, {UK_SORT_CODE!}",
    "name,phone,email\nx,{CN_MOBILE_NUMBER},{EMAIL_ADDRESS}",
)
FORMATTED_TEST = (
    "Notes of {date}: {en!}. Promised {amount} by Friday.",
    "On file: {en!} | {en!}",
    "He gave {US_SSN} as his social and {EMAIL_ADDRESS} for statements.",
    "Statement mailed; card ending changed, new one is {CREDIT_CARD}.",
    "Beneficiary account {IBAN_CODE}, bank {SWIFT_CODE!}",
    "{PHONE_NUMBER!} (work), best reached after {n} pm",
    "ACH details - {ABA_ROUTING_NUMBER!}, {US_BANK_NUMBER!}",
    "Session {uuid} opened at {time} by {EMAIL_ADDRESS} ({IP_ADDRESS})",
    "{LOAN_NUMBER!} was charged off; see {US_DRIVER_LICENSE!}",
    "{US_PASSPORT!}, {US_ITIN!}, copies attached",
    "Please verify {US_EIN!} before funding",
    "ssn={US_SSN}&card={CREDIT_CARD}&mail={EMAIL_ADDRESS}",
    "{CA_SIN!}, {IN_AADHAAR!}, {SG_NRIC_FIN!}",
)
NAMES = (
    "Borrower: {PERSON_EN}",
    "Spoke with {PERSON_EN} about the late payment.",
    "{PERSON_EN} is the guarantor of this loan.",
    "Dear {PERSON_EN}, your application was approved.",
    "Reference contact {PERSON_EN}, {PHONE_NUMBER!}",
    "The letter to {PERSON_EN} was returned on {date}.",
)
NAMES_TEST = (
    "My name is {PERSON_EN} and I would like to refinance.",
    "Co-signer {PERSON_EN} lives with {PERSON_EN}.",
    "Per {PERSON_EN}, payment was sent on {date}.",
    "How can we reach {PERSON_EN}?",
    "Next of kin: {PERSON_EN} (sister)",
    "{PERSON_EN} signed the agreement in {us_city}.",
)
ADDRESSES = (
    "Home address: {STREET_ADDRESS}",
    "Please send the contract to {STREET_ADDRESS}.",
    "The borrower lives at {STREET_ADDRESS}.",
)
ADDRESSES_TEST = (
    "Mailing address is {STREET_ADDRESS_TEST}.",
    "We visited {STREET_ADDRESS_TEST} yesterday.",
    "Property: {STREET_ADDRESS_TEST}",
)
