"""The one place that constructs adapters: from a configuration to a running gateway.

``settings`` reads files, ``stores`` and ``providers`` start what runs beside the worker,
``services`` builds what answers calls, ``gateway`` owns the order of starting and stopping.
"""
