"""Where the bytes are: the ObjectStore port and its adapter, the only place that speaks S3."""
