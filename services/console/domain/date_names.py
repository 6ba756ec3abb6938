"""What people call the dates of a case."""

OCCURRED, AWARE, RECEIVED = "occurred_at", "aware_at", "received_at"
RATIFIED, DECIDED, SUBMITTED = "ratified_at", "decided_at", "submitted_at"
DATES = {
    OCCURRED: "When it happened",
    AWARE: "When the service became aware",
    RECEIVED: "When the notification was received",
    RATIFIED: "When the chief officers group ratified the review",
    DECIDED: "When it was decided",
    SUBMITTED: "When it was handed in",
}
