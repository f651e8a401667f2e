"""The catalogue's methods: what this institution may ask, and what it would get.

Owns how they are called; their messages are `catalogue_codec`'s. They ask no provider and count
nothing.
"""

from __future__ import annotations

from typing import Final

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Listing, Page, Rpc
from clients.sdk.calls.method import Method, Pages
from clients.sdk.codecs.catalogue import (
    decode_datasets,
    decode_description,
    encode_describe_dataset_request,
    encode_list_datasets_request,
)
from clients.sdk.models.catalogue import DatasetDescription, DatasetSummary
from veilgate.v1 import catalogue_pb2 as pb

_SERVICE: Final = "/veilgate.v1.CatalogueService/"
LIST: Final = Rpc(f"{_SERVICE}ListDatasets", pb.ListDatasetsResponse, safe=True)
DESCRIBE: Final = Rpc(f"{_SERVICE}DescribeDataset", pb.DescribeDatasetResponse, safe=True)


def _list_datasets(
    provider: str = "",
    purpose: str = "",
    page_size: int = 0,
    timeout: float = DEFAULT_TIMEOUT,
) -> Listing[DatasetSummary]:
    """Datasets by name; those of a provider, those that may be had for a purpose.

    ``timeout`` is for each page.
    """

    def page(token: str) -> Call[Page[DatasetSummary]]:
        request = encode_list_datasets_request(provider, purpose, page_size, token)
        return Call(LIST, request, read, timeout)

    def read(answer: pb.ListDatasetsResponse) -> Page[DatasetSummary]:
        return Page(decode_datasets(answer), answer.next_page_token)

    return Listing(page)


def _describe_dataset(
    dataset: str, purpose: str = "", timeout: float = DEFAULT_TIMEOUT
) -> Flow[DatasetDescription]:
    """A dataset's fields, and what each purpose (or this one) gives this institution of them."""
    request = encode_describe_dataset_request(dataset, purpose)
    return iter(Call(DESCRIBE, request, decode_description, timeout))


class CatalogueCalls:
    """Datasets."""

    list_datasets = Pages(_list_datasets)
    describe_dataset = Method(_describe_dataset)
