"""CatalogueService: decode, call the use case, encode."""

from __future__ import annotations

from typing import Final

import grpc

from gateway.application.catalogue import Catalogue, DatasetEntry
from gateway.servicers import decode
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.catalogue_messages import description_message
from gateway.servicers.paging import next_token, page
from veilgate.v1 import catalogue_pb2 as pb

NAME: Final = "veilgate.v1.CatalogueService"


class CatalogueServicer:
    """Lists and describes datasets."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the use case."""
        self._catalogue = catalogue

    async def list_datasets(self, call: Call[pb.ListDatasetsRequest]) -> pb.ListDatasetsResponse:
        """Answer ListDatasets."""
        request = call.request
        provider = request.provider and decode.institution_id(request.provider, "provider")
        purpose = request.purpose and decode.dotted_name(request.purpose, "purpose")
        wanted = page(request.page_size, request.page_token, provider, purpose)
        found, more = self._catalogue.datasets(
            call.principal, provider, purpose, wanted.after, wanted.limit
        )
        last = found[-1].contract.dataset if more else ""
        return pb.ListDatasetsResponse(
            datasets=[_summary(one) for one in found],
            next_page_token=next_token(last, provider, purpose),
        )

    async def describe_dataset(
        self, call: Call[pb.DescribeDatasetRequest]
    ) -> pb.DescribeDatasetResponse:
        """Answer DescribeDataset."""
        request = call.request
        description = await self._catalogue.describe(
            call.principal,
            decode.dotted_name(request.dataset, "dataset"),
            request.purpose and decode.dotted_name(request.purpose, "purpose"),
        )
        return description_message(description)


def catalogue_service(guard: Guard, servicer: CatalogueServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "ListDatasets": unary(guard, pb.ListDatasetsRequest, servicer.list_datasets),
            "DescribeDataset": unary(guard, pb.DescribeDatasetRequest, servicer.describe_dataset),
        },
    )


def _summary(entry: DatasetEntry) -> pb.DatasetSummary:
    contract = entry.contract
    return pb.DatasetSummary(
        dataset=contract.dataset,
        title_en=contract.title.en,
        title_zh=contract.title.zh,
        provider=contract.provider,
        purposes=entry.purposes,
    )
