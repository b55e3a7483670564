"""What our contracts say and take: artifacts, calls, events, custom errors."""
