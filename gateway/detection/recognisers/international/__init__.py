"""What the network, the banks and the English-speaking markets issue."""

from gateway.detection.recognisers.base import Recogniser
from gateway.detection.recognisers.international.bank_accounts import (
    AbaRoutingRecogniser,
    UkSortCodeRecogniser,
    UsBankNumberRecogniser,
)
from gateway.detection.recognisers.international.coordinates import CoordinatesRecogniser
from gateway.detection.recognisers.international.credentials import (
    CnCredentialRecogniser,
    CredentialRecogniser,
    SecretKeyRecogniser,
)
from gateway.detection.recognisers.international.crypto import CryptoRecogniser
from gateway.detection.recognisers.international.email_address import EmailAddressRecogniser
from gateway.detection.recognisers.international.iban import IbanRecogniser
from gateway.detection.recognisers.international.ip_address import IpAddressRecogniser
from gateway.detection.recognisers.international.mac_address import MacAddressRecogniser
from gateway.detection.recognisers.international.markets import (
    AuAbnRecogniser,
    AuTfnRecogniser,
    CaSinRecogniser,
    HkIdentityCardRecogniser,
    ImeiRecogniser,
    InAadhaarRecogniser,
    InPanRecogniser,
    SgNricFinRecogniser,
)
from gateway.detection.recognisers.international.payment_cards import (
    CreditCardCvvRecogniser,
    CreditCardRecogniser,
)
from gateway.detection.recognisers.international.phone import PhoneNumberRecogniser
from gateway.detection.recognisers.international.reference_numbers import (
    ReferenceNumberRecogniser,
)
from gateway.detection.recognisers.international.swift import SwiftCodeRecogniser
from gateway.detection.recognisers.international.tails import NumberTailRecogniser
from gateway.detection.recognisers.international.united_kingdom import (
    UkNhsRecogniser,
    UkNinoRecogniser,
    UkPostcodeRecogniser,
)
from gateway.detection.recognisers.international.url import UrlRecogniser
from gateway.detection.recognisers.international.us_documents import (
    PassportRecogniser,
    UkDrivingLicenceRecogniser,
    UsDriverLicenseRecogniser,
    UsMbiRecogniser,
)
from gateway.detection.recognisers.international.us_tax import (
    UsEinRecogniser,
    UsTaxpayerRecogniser,
)
from gateway.detection.recognisers.international.us_zip import UsZipCodeRecogniser

RECOGNISERS: tuple[type[Recogniser], ...] = (
    AbaRoutingRecogniser,
    AuAbnRecogniser,
    AuTfnRecogniser,
    CaSinRecogniser,
    CnCredentialRecogniser,
    CoordinatesRecogniser,
    CredentialRecogniser,
    CreditCardCvvRecogniser,
    CreditCardRecogniser,
    CryptoRecogniser,
    EmailAddressRecogniser,
    HkIdentityCardRecogniser,
    IbanRecogniser,
    ImeiRecogniser,
    InAadhaarRecogniser,
    InPanRecogniser,
    IpAddressRecogniser,
    MacAddressRecogniser,
    NumberTailRecogniser,
    PassportRecogniser,
    PhoneNumberRecogniser,
    ReferenceNumberRecogniser,
    SecretKeyRecogniser,
    SgNricFinRecogniser,
    SwiftCodeRecogniser,
    UkDrivingLicenceRecogniser,
    UkNhsRecogniser,
    UkNinoRecogniser,
    UkPostcodeRecogniser,
    UkSortCodeRecogniser,
    UrlRecogniser,
    UsBankNumberRecogniser,
    UsDriverLicenseRecogniser,
    UsEinRecogniser,
    UsMbiRecogniser,
    UsTaxpayerRecogniser,
    UsZipCodeRecogniser,
)
