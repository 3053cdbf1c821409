"""Traffic for a running stack: an HTTP client that costs little, recorded traces, and what came of them."""
