"""From domain objects to the bodies that are answered."""

from datetime import date

from services.intake.domain.case import Case, Review, Submission
from services.intake.domain.case_act import CaseAct
from services.intake.domain.draft import Draft
from services.intake.domain.kinds import Kind
from services.intake.domain.timeline import Happening
from services.intake.entrypoints import schemas as out
from services.intake.storage.decisions import Decision
from services.intake.use_cases.show_notification import CaseFile

ALWAYS_REQUIRED = ["kind", "area", "occurred_at", "notifier"]


def received_out(case: Case) -> out.ReceivedOut:
    """What the sender keeps."""
    return out.ReceivedOut(case.reference, case.status, case.received_at)


def draft_out(draft: Draft) -> out.DraftOut:
    """A draft to its owner."""
    return out.DraftOut(draft.id, draft.version, draft.saved_at, dict(draft.notification))


def draft_summary_out(draft: Draft) -> out.DraftSummaryOut:
    """One line of the owner's list."""
    kind, area = draft.said("kind"), draft.said("area")
    return out.DraftSummaryOut(draft.id, draft.version, draft.saved_at, kind, area)


def summary_out(case: Case) -> out.SummaryOut:
    """One line of a list."""
    names = out.SummaryOut.__struct_fields__
    return out.SummaryOut(**{name: getattr(case, name) for name in names})


def notification_out(found: CaseFile) -> out.NotificationOut:
    """The whole case file."""
    case, personal = found.case, found.personal
    return out.NotificationOut(
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        status=case.status,
        occurred_at=case.occurred_at,
        aware_at=case.aware_at,
        received_at=case.received_at,
        partner=case.partner,
        late_reason=personal.late_reason if personal else None,
        notifier=personal.notifier if personal else None,
        subject=personal.subject if personal else None,
        details=personal.details if personal else {},
        submissions=[submission_out(one) for one in found.submissions],
        decisions=[decision_out(one) for one in found.decisions],
        reviews=[review_out(one) for one in found.reviews],
        acts=[case_act_out(one) for one in found.acts],
        ratified_at=found.ratified_at,
    )


def case_act_out(made: CaseAct) -> out.CaseActOut:
    """One act on a case."""
    return out.CaseActOut(
        made.id,
        made.what.value,
        made.recorded_at,
        made.recorded_by or None,
        made.reason,
        made.field,
        made.before,
        made.after,
        made.decision,
        made.submission,
    )


def submission_out(made: Submission) -> out.SubmissionOut:
    """One submission with its attachments."""
    files = [
        out.AttachmentOut(file.id, file.name, file.content_type, file.size, file.sha256)
        for file in made.files
    ]
    return out.SubmissionOut(
        made.id, made.stage, made.submitted_at, files, made.addendum_to, made.late_reason
    )


def decision_out(made: Decision) -> out.DecisionOut:
    """One decision."""
    return out.DecisionOut(made.id, made.decision, made.decided_at, made.recorded_at)


def review_out(made: Review) -> out.ReviewOut:
    """One review."""
    return out.ReviewOut(made.id, made.submission, made.outcome, made.feedback, made.reviewed_at)


def happening_out(happening: Happening) -> out.HappeningOut:
    """One line of a timeline."""
    return out.HappeningOut(
        happening.at,
        happening.service,
        happening.what,
        happening.text,
        dict(happening.facts),
        happening.trace_id,
    )


def kind_out(kind: Kind, on: date) -> out.KindOut:
    """A kind as it is on a date."""
    why_not = kind.why_not(on)
    fields = [
        out.FieldOut(one.name, one.kind, one.required, one.label, list(one.choices))
        for one in kind.fields
    ]
    required = ALWAYS_REQUIRED + (["subject"] if kind.subject_required else [])
    required += [f"details.{one.name}" for one in kind.fields if one.required]
    return out.KindOut(
        kind=kind.name,
        title=kind.title,
        accepted=why_not is None,
        why_not=why_not,
        notifiers=list(kind.notifiers),
        required=required,
        details=fields,
        stages=list(kind.stages),
        decisions=list(kind.decisions),
        ratified=kind.ratified,
        late_reason_after_days=kind.late_reason_after_days,
        late_reasons={
            stage: out.LateReasonOut(asked.after_days, asked.since)
            for stage, asked in kind.late_reasons.items()
        },
    )
