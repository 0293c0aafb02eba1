"""What FastAPI itself is to tell of requests: nothing."""

from fastapi.telemetry import TelemetryConfig

# It would export paths and queries as they are, and with them what opens links, mails and sign-ins. See `AccessLog`.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
