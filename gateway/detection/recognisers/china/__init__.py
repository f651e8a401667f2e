"""Numbers and names of things that China issues."""

from gateway.detection.recognisers.base import Recogniser
from gateway.detection.recognisers.china.accounts import CnAccountRecogniser
from gateway.detection.recognisers.china.agreements import CnAgreementRecogniser
from gateway.detection.recognisers.china.bank_card import CnBankCardRecogniser
from gateway.detection.recognisers.china.company import CnCompanyRecogniser
from gateway.detection.recognisers.china.landline_number import CnLandlineNumberRecogniser
from gateway.detection.recognisers.china.military_id import CnMilitaryIdRecogniser
from gateway.detection.recognisers.china.mobile_number import CnMobileNumberRecogniser
from gateway.detection.recognisers.china.resident_id import CnResidentIdRecogniser
from gateway.detection.recognisers.china.travel_documents import CnTravelDocumentRecogniser
from gateway.detection.recognisers.china.vehicle import CnVehicleRecogniser
from gateway.detection.recognisers.china.welfare import CnWelfareRecogniser

RECOGNISERS: tuple[type[Recogniser], ...] = (
    CnAccountRecogniser,
    CnAgreementRecogniser,
    CnBankCardRecogniser,
    CnCompanyRecogniser,
    CnLandlineNumberRecogniser,
    CnMilitaryIdRecogniser,
    CnMobileNumberRecogniser,
    CnResidentIdRecogniser,
    CnTravelDocumentRecogniser,
    CnVehicleRecogniser,
    CnWelfareRecogniser,
)
