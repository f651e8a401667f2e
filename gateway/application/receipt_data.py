"""What a receipt says of purposes, datasets and fields: a consent's words, the policy's texts.

Owns the step from words to texts. A word that the policy does not know stands as it was agreed.
"""

from gateway.domain.citations import Localized
from gateway.domain.consent import ConsentTerms
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.documents import Bilingual, FieldContract
from gateway.domain.receipt import DatasetEntry, PiiInformation, Purpose


def purposes_of(terms: ConsentTerms, policy: CompiledPolicy) -> tuple[Purpose, ...]:
    """Return the purposes with their labels in both languages."""
    return tuple(_purpose(one, terms, policy) for one in sorted(terms.purposes))


def _purpose(name: str, terms: ConsentTerms, policy: CompiledPolicy) -> Purpose:
    known = policy.purposes.get(name)
    label = Localized(name, name) if known is None else _both(known.label)
    dpv = "" if known is None else known.dpv or ""
    return Purpose(label, name, terms.lawful_basis.value, dpv)


def datasets_of(terms: ConsentTerms, policy: CompiledPolicy) -> tuple[DatasetEntry, ...]:
    """Return the datasets with their titles."""
    known = policy.datasets
    return tuple(
        DatasetEntry(name, _both(known[name].contract.title) if name in known else None)
        for name in sorted(terms.datasets)
    )


def jurisdictions_of(terms: ConsentTerms, policy: CompiledPolicy) -> tuple[str, ...]:
    """Return where the datasets' providers handle the data, as far as the policy knows."""
    known = {policy.datasets[name].contract for name in terms.datasets if name in policy.datasets}
    return tuple(sorted({one.jurisdiction.value for one in known}))


def pii_of(terms: ConsentTerms, policy: CompiledPolicy) -> tuple[PiiInformation, ...]:
    """Return each field that the consent covers, by category and name.

    A name or category that no known dataset of the consent has is told as it was agreed.
    """
    contracts = [
        policy.datasets[name].contract for name in terms.datasets if name in policy.datasets
    ]
    covered = {
        (field.category, field.name): field
        for contract in contracts
        for field in contract.fields
        if field.name in terms.fields or field.category in terms.categories
    }
    told = {word for key in covered for word in key}
    others = sorted((terms.fields | terms.categories) - told)
    return (
        *(_field(field) for _, field in sorted(covered.items(), key=lambda item: item[0])),
        *(PiiInformation(one) for one in others),
    )


def _field(field: FieldContract) -> PiiInformation:
    return PiiInformation(field.category, field.name, field.sensitive, _both(field.meaning))


def _both(text: Bilingual) -> Localized:
    return Localized(text.en, text.zh)
